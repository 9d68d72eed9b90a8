"""What Korean counts in which numbers, and what units, letters and signs are called."""

from __future__ import annotations

from typing import Final

#: Counted in native numbers, up to 99: 세 개, 스무 살.
_NATIVE = (
    "건 정거장 모 발 돌 가닥 가구 표 "
    "시간 시 살배기 살 개 명 번째 번 마리 잔 송이 사람 가지 달 병 장 걸음 권 대 그릇 켤레 채 척 그루 줄 곡 편 통 "
    "벌 군데 바퀴 방울 스푼 컵 판 모금 끼 배 차례 자루 다발 포기 알 톨 봉지 상자 박스 팀 곳 숟가락 마디 발자국 "
    "조각 자리 종류 글자 칸 쌍 짝 접시 갑 묶음 뭉치 덩이 덩어리 식구 가족 문장 음절 뼘 줌 움큼 구절 소절"
)
NATIVE: Final = _NATIVE.split()
#: Counted in Sino-Korean numbers. Some begin as one of those above.
_SINO = (
    "모작 발전 발표 표본 건강 "
    "시리즈 시점 개월 개국 개년 개소 개사 개교 개조 번지 번길 번가 번호 배속 통신 판매 판정 병동 병상 병실 달러 "
    "대지 장면 명세 원 유로 엔 파운드 위안 년 주년 주일 주 일 분 초 층 호선 호 학년 반 등급 등 위 회 차선 차 도 "
    "세기 세 점 인분 인 단계 페이지 쪽 부 과 조 항 절 박 급 단 퍼센트 킬로그램 킬로미터 킬로 미터 센티미터 센티 "
    "밀리미터 밀리 그램 톤 리터 평 동 연승 연패 승 패 무 골 득점 라운드 세트 게임 바이트 메가 기가 볼트 와트 "
    "헤르츠 데시벨 학점 학기 교시 강 집 화 기 호기 군 루 이닝 타수 안타 홈런 관왕 남매 형제 자 촌 도씨 옥타브 "
    "마디 비트 마력 메가픽셀 화소 포인트 킬로칼로리 칼로리 번선 번홈 만점 개비 국 거래일 영업일 박스오피스"
)
SINO: Final = _SINO.split()
#: 3번 is the third of them, not three times.
_NUMBERED = (
    "버스 출구 문제 국도 홈 승강장 트랙 타자 선수 방 채널 게이트 창구 교향곡 곡 항목 답 좌석 칸 유형 보기 환자 "
    "손님 노선 마을버스 국제공항 활주로 도로 레인"
)
NUMBERED: Final = _NUMBERED.split()
#: The 16대 of these is the sixteenth, or there are so many of them: sixteen machines are another thing.
_REIGNS = (
    "대통령 국회 총선 대선 회장 사장 총장 임금 왕 국왕 교황 의장 대표 총리 장관 요소 원칙 강국 영양소 문명 도시 기업 "
    "은행 미스터리 과제 종교 의무 성인 명산 하천 가문 독자"
)
REIGNS: Final = _REIGNS.split()

_UNITS: Final = """
bit=비트 km=킬로미터 m=미터 cm=센티미터 mm=밀리미터 μm=마이크로미터 nm=나노미터 kg=킬로그램 g=그램 mg=밀리그램 t=톤
lb=파운드 oz=온스 mi=마일 ft=피트 in=인치 L=리터 l=리터 ℓ=리터 mL=밀리리터 ml=밀리리터 kHz=킬로헤르츠 Hz=헤르츠
MHz=메가헤르츠 GHz=기가헤르츠 dB=데시벨 KB=킬로바이트 kB=킬로바이트 MB=메가바이트 GB=기가바이트
TB=테라바이트 MiB=메비바이트 GiB=기비바이트 Mbps=메가비피에스 Gbps=기가비피에스 kbps=킬로비피에스 bps=비피에스
W=와트 kW=킬로와트 MW=메가와트 kWh=킬로와트시 V=볼트 mV=밀리볼트 mA=밀리암페어 mAh=밀리암페어시 s=초
ms=밀리초 ns=나노초 min=분 h=시간 km²=제곱킬로미터 ㎢=제곱킬로미터 m²=제곱미터 ㎡=제곱미터 m2=제곱미터
cm²=제곱센티미터 m³=세제곱미터 ㎥=세제곱미터 ha=헥타르 kcal=킬로칼로리 cal=칼로리 kJ=킬로줄 Pa=파스칼
hPa=헥토파스칼 kPa=킬로파스칼 ㎞=킬로미터 ㎝=센티미터 ㎜=밀리미터 ㎏=킬로그램 ㎎=밀리그램 ㏊=헥타르 m/s=초속_미터
mph=시속_마일 km/h=시속_킬로미터 ㎞/h=시속_킬로미터 kph=시속_킬로미터 MB/s=초당_메가바이트 km/s=초속_킬로미터
GB/s=초당_기가바이트 rpm=알피엠 RPM=알피엠 bpm=비피엠 BPM=비피엠 fps=에프피에스 px=픽셀 dpi=디피아이 ppm=피피엠
Ω=옴 LUFS=루프스 °C=섭씨_도 ℃=섭씨_도 °F=화씨_도 ℉=화씨_도 °=도 %p=퍼센트포인트 %=퍼센트 ‰=퍼밀 KRW=원 USD=달러
EUR=유로 JPY=엔 GBP=파운드
"""
#: Unit → what is said before the number (empty: nothing) and behind it.
UNITS: Final = {
    unit: (before, behind)
    for unit, (before, _, behind) in (
        (unit, name.rpartition("_")) for unit, _, name in (one.partition("=") for one in _UNITS.split())
    )
}
MONEY: Final = {"₩": "원", "￦": "원", "$": "달러", "US$": "달러", "€": "유로", "£": "파운드", "¥": "엔", "￥": "엔"}

SCALE_LETTERS: Final = {"K": 1_000, "M": 1_000_000, "B": 1_000_000_000}  #: $2.5M

_LETTERS = "에이 비 씨 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알 에스 티 유 브이 더블유 엑스 와이 제트"
LETTERS: Final = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _LETTERS.split(), strict=True))
#: Said as words though they are written in capitals; as they are called in Korean.
CALLED: Final = {
    "NASA": "나사", "NATO": "나토", "UNESCO": "유네스코", "UNICEF": "유니세프", "FIFA": "피파", "OPEC": "오펙",
    "ASEAN": "아세안", "COVID": "코비드", "AIDS": "에이즈", "RAM": "램", "ROM": "롬", "SIM": "심", "PIN": "핀",
    "OK": "오케이", "JSON": "제이슨", "GIF": "지프", "LASER": "레이저", "KOTRA": "코트라", "KAIST": "카이스트",
    "POSCO": "포스코", "Dr.": "닥터", "Mr.": "미스터", "Mrs.": "미시즈", "Ms.": "미즈", "vs.": "대", "vs": "대",
    "VS": "대", "etc.": "기타", "e.g.": "예를 들어", "i.e.": "즉", "No.": "넘버", "a.m.": "오전", "p.m.": "오후",
    "AM": "오전", "PM": "오후", "Co.": "컴퍼니", "Ltd.": "리미티드", "Inc.": "인코퍼레이티드", "feat.": "피처링",
    "Wi-Fi": "와이파이", "WiFi": "와이파이", "AI": "에이아이", "K-POP": "케이팝", "J-POP": "제이팝", "POP": "팝",
    "A/S": "에이에스", "YouTube": "유튜브", "PANSORI": "판소리", "TV": "티비", "CCTV": "씨씨티비", "MZ": "엠지",
}  # fmt: skip
#: As they are called in addresses.
CALLED_IN_ADDRESSES: Final = {
    "com": "컴", "net": "넷", "org": "오알지", "kr": "케이알", "co": "씨오", "go": "지오", "ac": "에이씨", "or": "오알",
    "io": "아이오", "ai": "에이아이", "tv": "티비", "jp": "제이피", "uk": "유케이", "us": "유에스", "dev": "데브",
    "app": "앱", "edu": "이디유", "gov": "지오브이", "naver": "네이버", "daum": "다음", "kakao": "카카오",
    "hanmail": "한메일", "gmail": "지메일", "google": "구글", "youtube": "유튜브", "github": "깃허브",
}  # fmt: skip
#: What people write of words in chats.
CHATTED: Final = {
    "ㅇㅋ": "오케이", "ㅇㅇ": "응", "ㄴㄴ": "아니", "ㄱㅅ": "감사", "ㅈㅅ": "죄송", "ㅊㅋ": "축하", "ㄱㄱ": "고고",
    "ㅂㅂ": "바이바이", "ㅎㅇ": "하이", "ㄷㄷ": "덜덜",
}  # fmt: skip
#: Numbers that are known by their digits.
FAMOUS: Final = {"88올림픽": "팔팔올림픽", "88 올림픽": "팔팔 올림픽"}
#: Digits behind a Latin letter: MP3, A4.
_BEHIND_LETTERS = "제로 원 투 쓰리 포 파이브 식스 세븐 에이트 나인"
BEHIND_LETTERS: Final = {str(digit): word for digit, word in enumerate(_BEHIND_LETTERS.split())}
ROMAN: Final = {
    "I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11, "XII": 12,
    "Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "Ⅴ": 5, "Ⅵ": 6, "Ⅶ": 7, "Ⅷ": 8, "Ⅸ": 9, "Ⅹ": 10, "Ⅺ": 11, "Ⅻ": 12,
}  # fmt: skip
SIGNS: Final = {
    "&": "앤드", "+": "더하기", "@": "골뱅이", "%": "퍼센트", "×": "곱하기", "÷": "나누기", "±": "플러스마이너스",
    "≤": "이하", "≥": "이상", "≠": "같지 않음", "≈": "약", "°": "도", "$": "달러", "€": "유로",
    "£": "파운드", "₩": "원", "￦": "원", "¥": "엔", "℃": "도", "√": "루트", "∞": "무한대", "π": "파이",
    "№": "번호", "♥": "하트", "§": "제", "㎏": "킬로그램", "㎞": "킬로미터", "㎡": "제곱미터", "㎝": "센티미터",
    "㎜": "밀리미터", "㈜": "주식회사", "㏊": "헥타르", "®": "", "™": "", "©": "", "<": "", ">": "", "ⓒ": "",
    "‰": "퍼밀", "℡": "전화",
}  # fmt: skip
ADDRESS: Final = {
    ".": "닷", "/": "슬래시", "@": "골뱅이", "-": "다시", "_": "언더바", ":": "콜론",
    **{str(digit): word for digit, word in enumerate("영일이삼사오육칠팔구")},
}  # fmt: skip
