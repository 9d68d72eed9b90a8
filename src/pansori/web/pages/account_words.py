"""What the page of the account says."""

from pansori.domain.errors import Text
from pansori.web.words import Words

WORDS: Words = {
    "heading": Text("Account", "계정"),
    "guest": Text("You are a guest", "게스트로 쓰고 있어요"),
    "guest_more": Text(
        "This browser alone knows you. Sign up, and what you have made stays yours everywhere.",
        "이 브라우저에서만 이어져요. 가입하면 지금까지 만든 곡을 어디서나 들을 수 있어요.",
    ),
    "sign_up": Text("Sign up", "가입하기"),
    "sign_out": Text("Sign out", "로그아웃"),
    "open": Text(
        "This server has no logins: whoever reaches it uses this one account.",
        "로그인 없이 쓰는 서버예요. 접속한 사람은 모두 이 계정을 함께 써요.",
    ),
    "since": Text("Here since", "시작한 때"),
    # -- who one is ------------
    "profile": Text("Who you are", "내 정보"),
    "own_name": Text("Name", "이름"),
    "save": Text("Save", "저장"),
    "email": Text("E-mail", "이메일"),
    "new_email": Text("New address", "새 주소"),
    "email_none": Text("none", "없음"),
    "change_email": Text("Change the address", "주소 바꾸기"),
    "change_email_more": Text(
        "It counts once you follow the link that is sent to the new one.", "새 주소로 보낸 링크를 누르면 바뀌어요."
    ),
    "change_email_deed": Text("Send the link", "링크 보내기"),
    "password": Text("Password", "비밀번호"),
    "show_password": Text("Show", "보기"),
    "present_password": Text("Present password", "지금 비밀번호"),
    "new_password": Text("New password", "새 비밀번호"),
    "password_hint": Text("8 characters or more.", "8자 이상으로 정해 주세요."),
    "change_password": Text("Change the password", "비밀번호 바꾸기"),
    "change_password_more": Text("Every other login ends.", "다른 곳의 로그인은 모두 끊겨요."),
    "done_name": Text("The name is changed.", "이름을 바꿨어요."),
    "done_email": Text(
        "Check the mail of the new address: the link there finishes the change.",
        "새 주소의 메일을 확인해 주세요. 링크를 누르면 주소가 바뀌어요.",
    ),
    "done_password": Text("The password is changed.", "비밀번호를 바꿨어요."),
    "done_key_revoked": Text("The key is revoked.", "키를 폐기했어요."),
    "done_session_ended": Text("The login has ended.", "로그인을 끊었어요."),
    # -- room ------------
    "room": Text("Storage", "저장 공간"),
    "room_of": Text("{used} of {limit}", "{limit} 가운데 {used}"),
    "room_free": Text("{used}; there is no limit", "{used} 사용 중, 제한 없음"),
    "room_more": Text("{n} songs in {files} files", "{n}곡, 파일 {files}개"),
    "room_more.one": Text("{n} song in {files} files", "{n}곡, 파일 {files}개"),
    # -- keys ------------
    "keys_heading": Text("API keys", "API 키"),
    "keys_more": Text("For programs that act for you.", "나 대신 일하는 프로그램에 주는 키예요."),
    "keys_none": Text("There are none.", "아직 없어요."),
    "keys_guest": Text("Guests have none: sign up first.", "게스트는 만들 수 없어요. 먼저 가입해 주세요."),
    "key_name": Text("Name", "이름"),
    "key_name_placeholder": Text("studio", "작업실"),
    "key_may": Text("May", "권한"),
    "key_used": Text("used {time}", "{time} 사용"),
    "key_unused": Text("never used", "쓴 적 없음"),
    "key_expires": Text("expires: {time}", "{time} 만료"),
    "key_stays": Text("valid until revoked", "폐기할 때까지 유효"),
    "scope_read": Text("look", "보기"),
    "scope_write": Text("make and change", "만들기·바꾸기"),
    "scope_account": Text("manage the account", "계정 관리"),
    "days": Text("Valid for", "기한"),
    "days_": Text("Until revoked", "폐기할 때까지"),
    "days_30": Text("30 days", "30일"),
    "days_90": Text("90 days", "90일"),
    "days_365": Text("A year", "1년"),
    "key_make": Text("Make a key", "키 만들기"),
    "key_made": Text(
        "This is the key. It is not shown again, so keep it now.", "새 키예요. 다시 보여 드리지 않으니 지금 보관하세요."
    ),
    "revoke": Text("Revoke", "폐기"),
    "revoke_named": Text("Revoke {title}", "{title} 폐기"),
    "revoke_sure": Text(
        "Revoke the key {title}? Programs that use it are shut out at once.",
        "키 {title|을/를} 폐기할까요? 쓰고 있는 프로그램은 바로 끊겨요.",
    ),
    # -- logins ------------
    "sessions_heading": Text("Where you are signed in", "로그인한 곳"),
    "this_one": Text("this browser", "지금 이 브라우저"),
    "unknown_client": Text("An unknown program", "알 수 없는 프로그램"),
    "seen_at": Text("seen {time}", "{time} 사용"),
    "end_session": Text("End", "끊기"),
    "end_session_named": Text("End the login of {title}", "{title} 로그인 끊기"),
    # -- leaving ------------
    "export_heading": Text("Take it with you", "내려받기"),
    "export_more": Text(
        "Everything that is kept of you, as one ZIP archive: songs, stems, notes, and what is known as JSON.",
        "보관 중인 모든 것을 ZIP 하나로 내려받아요. 곡, 악기별 트랙, 악보, 그리고 기록은 JSON으로 담겨요.",
    ),
    "export_deed": Text("Download everything", "모두 내려받기"),
    "delete_heading": Text("Delete the account", "계정 삭제"),
    "delete_more": Text(
        "All songs, templates, keys and logins go with it, and what is being made is cancelled. This cannot be undone.",
        "곡, 템플릿, 키, 로그인이 모두 지워지고, 만들던 곡은 취소돼요. 되돌릴 수 없어요.",
    ),
    "delete_begin": Text("I want to delete it", "삭제할게요"),
    "typed": Text("Type {what} to confirm", "확인을 위해 {what|을/를} 적어 주세요"),
    "typed_wrong": Text("This is not what stands above.", "위에 적힌 것과 달라요."),
    "delete_deed": Text("Delete everything", "모두 삭제"),
}
