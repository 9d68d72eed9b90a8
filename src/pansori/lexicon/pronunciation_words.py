"""Words whose sound their spelling alone does not tell, marked for `pronunciation`.

Articles (제…항) are those of 표준 발음법. Marks stand between two syllables, or behind the last one:

    |  a content morpheme follows: the final is reduced before it links       밭|아래  → 바다래     제15항
    +  ㄴ is inserted before 이, 야, 여, 요, 유                                솜+이불  → 솜니불     제29항
    ^  the following consonant becomes tense                                  갈^등    → 갈뜽      제24–28항
    ~  ㄹ becomes ㄴ and not the ㄴ before it ㄹ                                의견~란  → 의견난     제20항
    _  the following consonant does not become tense                          여덟_도  → 여덜도

A word may stand otherwise than it is written (after `=`), with the same number of syllables. Entries of two syllables
hold at the beginning of a word only; longer ones anywhere in it. The longest one that fits is taken, so a longer one
without marks shields from a shorter one (신고하 from 신^고).
"""

from __future__ import annotations

#: 제15항.
LINKING = """
밭|아래 늪|앞 젖|어미 맛|없 겉|옷 헛|웃음 꽃|위 넋|없 닭|앞 값|어치 값|있 꽃|아래 옷|안 숲|안 무릎|위 첫|인상 몇|월
꽃|아기
"""

#: 제16항: the letters' own names.
LETTERS = "디귿=디긋 지읒=지읏 치읓=치읏 키읔=키윽 티읕=티읏 피읖=피읍 히읗=히읏"

#: 제10항 (넓- with ㅂ), and nouns in ㄼ and ㄻ, which do not do as the stems of 제24항 and 제25항 do.
CLUSTERS = "넓죽=넙죽 넓둥글=넙둥글 넓적=넙적 여덟_ 삶_ 앎_ 삶다 삶고 삶지 삶거나 삶던"

#: 제20항 다만.
NASAL_AFTER_N = """
의견~란 임진~란 생산~량 결^단~력 공^권~력 싫증=실^증 동원~령 상견~례 횡단~로 이원~론 입원~료 구근~류 판단~력 추진~력
표현~력 음운~론 보존~료 통신~로 등산~로 신문~로 주문~량 생산~력 전달~력 자본~론 진단~료 무신~론 유신~론
"""

#: 제24항: stems in ㄴ or ㅁ, with what shields nouns and causatives that look like them.
STEMS = """
안^고 껴안^고 껴안^다 껴안^지 끌어안^고 끌어안^다 부둥켜안^고 신^고 신^다 신^지 신고하 신고한 신고할 신고해 신고합
신고를 신고가 신고도 감^고 감^다 감^던 남^고 남^다 남^지 남^던 남^도록 남^게 남^더 담^고 담^다 담^지 담^던 담^자
굶_기 옮_기 곪_기 삶_기 넘^고 넘^다 넘^지 넘^던 넘^도록 넘^자 뛰어넘^고 뛰어넘^다 뛰어넘^지 숨^고 숨^다 숨^지 숨^자
참^고 참^다 참^지 참^자 참^던 참^기 참고하 참고한 참고할 참고해 참고로 참고서 참고문 품^고 품^다 품^지 품^던 줄넘^기
심^고 심^다 심^지 심^던 삼^고 삼^다 더듬^고 더듬^다 더듬^지 더듬더듬 쓰다듬^고 쓰다듬^다 보듬^고 보듬^다 다듬^고
다듬^다 머금^고 머금^다 머금^지 검^고 검^다 검^던
"""

#: 제26항: Sino-Korean words with ㄷ, ㅅ or ㅈ after ㄹ.
SINO_KOREAN = """
갈^등 발^동 절^도 말^살 불^소 일^시 갈^증 물^질 발^전 몰^상식 불^세출 열^정 절^정 결^정 일^정 열^심 결^심 일^상
실^수 발^달 발^생 절^대 활^동 설^정 질^서 별^도 실^제 출^신 결^석 굴^절 밀^집 돌^진 철^저 필^수 율^동 팔^십 칠^십
일^제 절^실 일^주일 칠^석 출^동 출^전 출^석 탈^진 멸^종 별^장 달^성 불^신 불^시 물^증 실^상 실^시 실^정 결^단 결^속
결^실 결^성 결^전 열^사 열^성 열^도 열^등 발^사 발^산 발^상 발^신 발^성 솔^직 설^득 밀^도 밀^실 몰^두
"""

#: 제28항, and Sino-Korean compounds that became tense without a sign of it in their spelling.
COMPOUNDS = """
문^고리 눈^동자 신^바람 산^새 손^재주 길^가 물^동이 발^바닥 굴^속 술^잔 바람^결 그믐^달 아침^밥 잠^자리 고추잠자리
강^가 초승^달 등^불 창^살 강^줄기 눈^빛 불^빛 달^빛 별^빛 물^빛 봄^빛 금^빛 은^빛 살^빛 하늘^빛 노을^빛 무지개^빛
가을^빛 황금^빛 눈^길 손^길 발^길 밤^길 꿈^길 산^길 들^길 물^길 하늘^길 시골^길 오솔^길 길^거리 밤^거리 숨^결 물^결
꿈^결 살^결 눈^가 물^가 창^가 가슴^속 마음^속 꿈^속 맘^속 품^속 물^속 산^속 땅^속 눈^속 손^짓 몸^짓 눈^짓 발^짓
밤^바다 밤^바람 봄^비 봄^바람 봄^밤 여름^밤 가을^밤 겨울^밤 오늘^밤 그날^밤 산^바람 강^바람 들^바람 보름^달 손^등
발^등 손^바닥 손^가락 발^가락 손^수건 숨^소리 말^소리 발^소리 종^소리 문^소리 웃음^소리 울음^소리 바람^소리 물^소리
발^자국 눈^사람 술^자리 일^자리 별^자리 갈^대 글^자 문^자 한^자 한자리 한자루 물^고기 달^동네 산^골 산^골짜기
가로등^불 눈^금 술^집 빵^집 이슬^방울 물^방울 눈물^방울 솔^방울 용^돈 안^방 김^밥 비빔^밥 인^기 안^과 내^과 치^과
외^과 성^격 인^격 사^건 조^건 평^가 대^가 헌^법 문^법 요리^법 사용^법 단^점 장^점 만^점 초^점 시^점 관^점 이^점
맹^점 허^점 강^점 원^점 정^점 반^점 광^기
"""

#: 제29항; where the final before it is ㄹ, 제20항 makes ㄹ of the ㄴ.
INSERTED_N = """
솜+이불 홑+이불 막+일 삯+일 맨+입 꽃+잎 내복+약 한+여름 남존+여비 신+여성 색+연필 직행+열차 늑막+염 콩+엿 담+요
눈+요기 영업+용 식용+유 백분+율 밤+윷 이죽+이죽 야금+야금 검+열 욜랑+욜랑 금+융 들+일 솔+잎 설+익 물+약 불+여우
서울+역 물+엿 휘발+유 유들+유들 풀+잎 단풍+잎 연+잎 깻+잎 나뭇+잎 댓+잎 베갯+잇 도리깻+열 뒷+윷 밭+이랑 첫+여름
늦+여름 한+입 십+육 이십+육 삼십+육 사십+육 오십+육 육십+육 칠십+육 팔십+육 구십+육 스물+여섯 스물+여덟_ 서른+여섯
서른+여덟_ 마흔+여섯 마흔+여덟_ 쉰+여섯 쉰+여덟_ 열+여섯 열+여덟_ 부산+역 강남+역 학+여울 알+약 한방+약 두통+약
감기+약 소독+약 집안+일 볼+일 할+일 앞+일 헛+일 옛+일 옛+이야기 꽃+이름 별+이름 첫+입맞춤 색+유리 앞+이마 맨+이마
"""

#: 제30항: compounds with ㅅ whose first syllables are also words of their own; and one of 제27항.
LINKING_S = """
깃발=기^발 깃대=기^대 빗방울=비^방울 빗소리=비^소리 빗줄기=비^줄기 빗속=비^속 빗길=비^길 빗발=비^발
비눗방울=비누^방울 숫자=수^자 할밖에=할^밖에
"""

GROUPS = (LINKING, LETTERS, CLUSTERS, NASAL_AFTER_N, STEMS, SINO_KOREAN, COMPOUNDS, INSERTED_N, LINKING_S)
