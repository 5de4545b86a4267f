"""Secrets are taken out in place, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prosona.service.door import redaction
from prosona.service.door.redaction import redacted

CUES = sorted({cue for secret in redaction._SECRETS for cue in secret.cues})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("my password is hunter2", "my password is [redacted]"),
        ("My password is swordfish.", "My password is [redacted]."),
        ("my password is swordfish and I like it", "my password is [redacted] and I like it"),
        (
            "my netflix password is BlueSky77, same for hulu",
            "my netflix password is [redacted], same for hulu",
        ),
        ("My wifi password's hunter2", "My wifi password's [redacted]"),
        ("password for gmail = hunter2", "password for gmail = [redacted]"),
        ("my pw is hunter2", "my pw is [redacted]"),
        ("Passwort: geheim123", "Passwort: [redacted]"),
        ("passwort lautet Sommer2024!", "passwort lautet [redacted]!"),
        ("mot de passe : azerty1", "mot de passe : [redacted]"),
        ("密码是abc123", "密码是[redacted]"),
        ("我的密码：qwerty99", "我的密码：[redacted]"),
        ("пароль: qwerty12", "пароль: [redacted]"),
        ("비밀번호는 abcd1234", "비밀번호는 [redacted]"),
        ("wifi password hunter2", "wifi password [redacted]"),
        ('wifi password is "correct horse battery staple"', 'wifi password is "[redacted]"'),
        ("change my password to Tr0ub4dor&3 please", "change my password to [redacted] please"),
        ("password=hunter2 host=x", "password=[redacted] host=x"),
        ("postgres://bob:s3cr3t@db.example/x", "postgres://bob:[redacted]@db.example/x"),
        ("set my pin to 4321", "set my pin to [redacted]"),
        ("ssn 123-45-6789", "ssn [redacted]"),
    ],
)
def test_a_password_is_redacted_where_it_stands(text: str, kept: str) -> None:
    assert redacted(text)[0] == kept


@pytest.mark.parametrize(
    "key",
    [
        "sk-abcdefghijklmnopqrstuvwx",
        "sk-proj-abc_DEF-1234567890abcdefghij",
        "sk-ant-api03-Ab-cdEfgh_ijklmnopqrstu",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "glpat-abcdefghij0123456789",
        "xoxb-1234567890-abcdef",
        "AIzaSyA1234567890abcdefghijklmnopqrstuv",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92K27u",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc=\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_a_key_of_a_common_form_is_redacted(key: str) -> None:
    assert redacted(f"it is {key} thanks")[0] == "it is [redacted] thanks"


def test_a_token_is_redacted_behind_its_name() -> None:
    assert redacted("Authorization: Bearer abcdef1234567890xyz")[0] == "Authorization: Bearer [redacted]"
    assert redacted("API_KEY=abcd1234efgh")[0] == "API_KEY=[redacted]"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("card 4111 1111 1111 1111 exp 12/29", "card [redacted] exp 12/29"),
        ("4111-1111-1111-1111", "[redacted]"),
        ("card ４１１１ １１１１ １１１１ １１１１", "card [redacted]"),
        ("2 x 4242424242424242", "2 x [redacted]"),
        ("Amex 378282246310005", "Amex [redacted]"),
        ("name,4242424242424242,123", "name,[redacted],123"),
        ("我的卡号是6222021234567890128", "我的卡号是[redacted]"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [redacted] please"),
        ("GB82WEST12345698765432", "[redacted]"),
    ],
)
def test_numbers_of_cards_and_accounts_are_redacted(text: str, kept: str) -> None:
    assert redacted(text)[0] == kept


@pytest.mark.parametrize(
    "text",
    [
        "sk-8 the Infinity",
        "sk-8-the-infinity-season-one-complete",
        "The Password Is Courage",
        "Password Cracking for Beginners",
        "The Secret: Dare to Dream",
        "my password is too weak",
        "my password is always the same",
        "the password is wrong",
        "Password: required",
        "Our password policy is strict.",
        "I forgot my password again",
        "密码是错的",
        "password manager 1Password",
        "enter password here: ********",
        "the api key is missing",
        "the bearer of bad news",
        "order number 4111111111111111",
        "Bestellnummer: 4111111111111111",
        "订单号4111111111111111",
        "ISBN 9783161484100",
        "tel +49 170 1234567",
        "4111111111111112",
        "DE00 3704 0044 0532 0130 00",
        "pin 3 of the board",
        "https://example.com:8080/path@foo",
        "my password is [redacted]",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == (text, [])


@given(before=st.text(max_size=40), cue=st.sampled_from(CUES), after=st.text(max_size=40))
def test_no_text_that_holds_a_cue_is_passed_over_at_a_glance(before: str, cue: str, after: str) -> None:
    assert redaction._may_hold_a_secret(before + cue + after)


def test_a_text_without_any_is_passed_over_at_a_glance() -> None:
    assert not redaction._may_hold_a_secret(" a story of rivers")
