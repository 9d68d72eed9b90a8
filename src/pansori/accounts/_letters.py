"""What is written to people by e-mail, in their language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pansori.domain.errors import Language, Text


@dataclass(frozen=True)
class Letter:
    to: str
    subject: str
    body: str


@dataclass(frozen=True)
class _Template:
    subject: Text
    body: Text

    def filled(self, to: str, language: Language, link: str = "") -> Letter:
        body = self.body.in_language(language).format(link=link, email=to)
        return Letter(to, self.subject.in_language(language), body)


CONFIRM: Final = _Template(
    Text("Confirm your e-mail address", "이메일 주소를 확인해 주세요"),
    Text(
        "Welcome to Pansori.\n\nFollow this link to confirm that {email} is yours:\n\n{link}\n\n"
        "It is valid for a day. If you did not ask for this, do nothing: no account is made.\n",
        "판소리에 오신 것을 환영해요.\n\n아래 링크를 열어 {email} 주소가 맞는지 확인해 주세요.\n\n{link}\n\n"
        "링크는 하루 동안 쓸 수 있어요. 요청하신 적이 없다면 그냥 두세요. 계정은 만들어지지 않아요.\n",
    ),
)
ALREADY: Final = _Template(
    Text("You have an account already", "이미 계정이 있어요"),
    Text(
        "Somebody, perhaps you, tried to sign up to Pansori with {email}, which has an account already.\n\n"
        "If you forgot its password, choose a new one here:\n\n{link}\n\n"
        "The link is valid for an hour. If it was not you, do nothing.\n",
        "누군가 {email} 주소로 판소리에 가입하려고 했는데, 이 주소에는 이미 계정이 있어요.\n\n"
        "비밀번호가 기억나지 않는다면 여기에서 새로 정할 수 있어요.\n\n{link}\n\n"
        "링크는 한 시간 동안 쓸 수 있어요. 본인이 아니라면 그냥 두세요.\n",
    ),
)
RESET: Final = _Template(
    Text("Choose a new password", "비밀번호 다시 정하기"),
    Text(
        "Follow this link to choose a new password for {email}:\n\n{link}\n\n"
        "It is valid for an hour and ends all logins. If you did not ask for it, do nothing.\n",
        "아래 링크에서 {email} 계정의 비밀번호를 새로 정할 수 있어요.\n\n{link}\n\n"
        "링크는 한 시간 동안 쓸 수 있고, 비밀번호를 바꾸면 모든 기기에서 로그아웃돼요. "
        "요청하신 적이 없다면 그냥 두세요.\n",
    ),
)
NEW_ADDRESS: Final = _Template(
    Text("Confirm your new e-mail address", "새 이메일 주소를 확인해 주세요"),
    Text(
        "Follow this link to use {email} for your Pansori account from now on:\n\n{link}\n\n"
        "It is valid for a day. If you did not ask for this, do nothing.\n",
        "아래 링크를 열면 이제부터 판소리 계정에서 {email} 주소를 써요.\n\n{link}\n\n"
        "링크는 하루 동안 쓸 수 있어요. 요청하신 적이 없다면 그냥 두세요.\n",
    ),
)
ADDRESS_CHANGED: Final = _Template(
    Text("Your e-mail address was changed", "이메일 주소가 바뀌었어요"),
    Text(
        "The Pansori account that had {email} uses another address now.\n\n"
        "If that was not you, tell whoever runs this server.\n",
        "{email} 주소를 쓰던 판소리 계정의 주소가 바뀌었어요.\n\n"
        "본인이 한 일이 아니라면 서버 관리자에게 알려 주세요.\n",
    ),
)
PASSWORD_CHANGED: Final = _Template(
    Text("Your password was changed", "비밀번호가 바뀌었어요"),
    Text(
        "The password of the Pansori account {email} was changed, and its other logins have ended.\n\n"
        "If that was not you, choose a new one here:\n\n{link}\n",
        "판소리 계정 {email}의 비밀번호가 바뀌었고, 다른 기기에서는 로그아웃됐어요.\n\n"
        "본인이 한 일이 아니라면 여기에서 새로 정해 주세요.\n\n{link}\n",
    ),
)
