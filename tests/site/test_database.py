import pytest
from django.contrib.auth import get_user_model


@pytest.mark.django_db
def test_letters_of_any_language_compare_without_case() -> None:
    get_user_model().objects.create_user("élan@example.org")

    assert get_user_model().objects.filter(email__iexact="ÉLAN@example.org").exists()
