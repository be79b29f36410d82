import pytest
from django.contrib.auth import get_user_model
from django.db import connection


@pytest.mark.django_db
def test_letters_of_any_language_compare_without_case() -> None:
    get_user_model().objects.create_user("élan@example.org")

    assert get_user_model().objects.filter(email__iexact="ÉLAN@example.org").exists()


@pytest.mark.django_db
def test_what_is_asked_again_is_planned_once() -> None:
    for number in range(4):
        get_user_model().objects.filter(email=f"elan{number}@example.org", is_staff=True).first()

    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%%is_staff%%'")
        kept = [statement for (statement,) in cursor.fetchall() if "email" in statement]
    assert len(kept) == 1
    assert "elan" not in kept[0]
