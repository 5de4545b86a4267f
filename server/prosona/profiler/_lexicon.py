"""The words that `_reading` knows: cues of liking and avoiding, what one does, words of one meaning.

English, German, Spanish, French and Chinese. A word that is missing costs a match, never a profile: lines
in other languages are compared by the words that they share.
"""

from __future__ import annotations

import re

__all__ = ["APART", "COMPARING", "DOING", "FIELDS", "GENERIC", "LIKING", "PHRASES", "REFUSING", "RESETTING", "RIVALS", "SAME", "SKILLED", "STOP"]

PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # A refusal that holds for its whole clause, wherever it stands; what it is glued to is kept.
        (r"(?<![^\W_])([^\W_]{0,24}?)all?erg[^\W_]{1,10}", r" \1 allergy "),
        (r"过敏|過敏", " allergy "),
        (r"n['’]t\b", " not "),
        (r"\bsci-?fi\b|\bscience[ -]fiction\b|\bciencia ficcion\b|科幻", " scifi "),
        (r"\bbullet(?:ed)?[ -](?:points?|lists?)\b|\bbullets\b|项目符号|要点列表|列表|清单", " list "),
        (r"\b(?:second[ -]hand|pre-owned|used goods)\b|二手", " secondhand "),
        (r"\b(?:turn|turns|turned|turning) down\b|\b(?:stay|stays|steer|steers|keep|keeps) (?:away|clear)\b", " avoid "),
        (r"\b(?:instead|rather than|ahead) of\b|\brather than\b|\bas opposed to\b|\ben lugar de\b|\bantes que\b", " instead "),
        (r"\b(?:in place|free) of\b|\b(?:in place|free) from\b|[ -]free\b", " without "),
        (r"\b(?:little|no|not much|scant) (?:interest|patience|appetite|time)\b", " avoid "),
        (r"\b(?:not|no) (?:only|just|least|matter)\b|\bno matter\b", " "),
        (r"\b(prefer\w{0,4} (?!to\b|[^\W_]+ing\b)(?:[^\W_]+ ){1,4})to (?=[^\W_]+ ?(?:[.,;]|$))", r"\1instead "),
        (r"害怕|怕", " avoid "),
        (r"比起|而不是|而非|不是", " instead "),
        (r"不感兴趣|没有?兴趣|没什么兴趣|不怎么|不太|从不|拒绝|回避|避免|避开|讨厌|反感|厌恶|不爱|不喜欢|跳过|不碰", " avoid "),
        (r"不(?:错|过|仅|但|同|少|断|久|管|论|只)", " "),
        (r"不耐受", " allergy "),
        (r"没有?|[不无無勿]", " not "),
        (r"喜欢|喜爱|偏爱|偏好|热爱|钟爱|爱好|最爱|希望|想要|愿意|倾向于?|感兴趣|关注|更爱|爱(?=[看听读吃喝玩])", " like "),
        (r"电影|影片|电影院|(?<![卡图照唱芯薯药名])片(?![段面子刻])", " film "),
        (r"简短|简洁|简明|扼要|精简|简练|言简意赅", " short "),
        (r"回答|答复|回复|答案", " answer "),
        (r"飞机|航班|搭机|乘机", " plane "),
        (r"火车|高铁|列车|动车", " train "),
        (r"夜班|晚班", " night work "),
        (r"晚上|晚间|夜里|夜间|夜晚|每晚", " evening "),
        (r"缓慢|慢节奏|节奏慢", " slow "),
        (r"编程|写程序|写代码|程序|编码|代码", " code "),
        (r"居住|定居|现居|住在|家住|常住|居于", " live "),
        (r"在职|工作|上班|就职|任职|供职|担任|职业", " work "),
        (r"学习|初学|在学|自学|学(?=[^校生期院])", " study "),
        (r"阅读|看书|读(?=[^者])", " read "),
        (r"观看|收看|看(?=[^法来])", " watch "),
        (r"收听|听(?=[^力])", " listen "),
        (r"烹饪|下厨|做饭|做菜|做(?=[川粤湘鲁苏浙闽徽西中]?菜)", " cook "),
        (r"音乐", " music "),
        (r"游戏", " game "),
        (r"新闻|资讯", " news "),
        (r"书籍|图书", " book "),
        (r"女儿", " daughter "),
        (r"小时|分钟", " hour "),
        (r"养(?:了|着|有)?|家里有|家中有", " own "),
        (r"新手|初级|初学者|入门", " beginner "),
    )
)
"""Turned into words of the tables below before a text is taken apart, in this order."""

STOP = frozenset(
    """
    a about above across after again all almost along already also although always am among an and any anything are
    around as at back be because been before being below besides between both by can come comes could currently
    did do does doing done during each easily either else especially etc even ever every everything example extra few for
    from further general generally get gets give go goes had has have having he her here hers him his how however i if
    in include includes into is it its itself just keep keeps kind kinds known largely lately like-minded lot lots made
    mainly make makes many may me mean means might mine more most mostly much must my near nearly need needs now
    of off often on once one ones onto or other others otherwise our out own particularly per possible
    primarily prior probably quite rather really recently regularly said same say says seem seems several shall she
    should show shows since so some someone something sometimes sort sorts still strong strongly such take takes
    tend tends than that the their them themselves then there these they thing things this those though through time
    times to together too toward towards type typically under until up upon us usual usually use used user users uses
    using various very via was way ways we well were what whatever when whenever where which while who whom whose
    why will with within would yet you your yours whichever particular especially including person people someone
    preference preferences habit paced member part

    aber ab alle allem allen aller als am an auch auf aus bei beim bin bis bitte da damit dann das dass dem den der
    des die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es
    etwa etwas fur ganz gegen gibt gut haben hat hatte hier hin ich ihm ihr ihre ihrem ihren im immer in ins ist
    ja jede jeden jeder jedes jetzt kann man mehr mein meine meinem meinen meist meistens mich mir mit muss nach
    noch nun nur ob oder oft ohnehin sehr sei sein seine seinem seinen seit sich sie sind so sogar soll sollen sollte
    sonst sowie uber um und uns unter viel viele vom von vor war was weil welche wenn wer werden wie wieder will
    wird wo wurde zu zum zur zwischen besonders beispielsweise etwa derzeit nutzer nutzerin person kurzem hierbei

    al algo algun alguna ante antes aunque bien cada casi como con cual cuando cuanto de del desde donde dos? durante
    e el ella ellas ellos en entre era es esa ese eso esta estan estar este esto estos fue ha han hace hacia hasta hay la las
    le les lo los mas me mi mientras mis muy o os otra otro para pero poco por porque pues que quien se segun ser si
    sido siempre sobre soler su sus suele tal tambien tan tanto te tener tiene todo todos tras tu un una uno unos usa y
    ya yo usuario usuaria normalmente sobre principalmente actualmente especialmente

    au aux avec ce cela ces cet cette chez comme d dans de des du elle en est et etre eux il ils j je l la le les leur
    leurs lui m ma mais meme mes moi mon n nos notre nous on ont ou par plus pour qu que qui s sa sans? se ses son
    sont souvent sur surtout t ta te tes toi ton tres tu un une vos votre vous y a utilisateur utilisatrice

    的 了 在 是 和 与 与 及 也 都 很 会 有 他 她 其 我 你 您 们 这 那 就 而 或 等 于 为 以 被 把 从 到 个 一 种 些 用 户 者 常 经
    更 最 较 比 之 着 过 得 地 要 能 可 将 并 且 但 因 所 该 主 多 例 如 尤 其 特 别 上 里 中 后 前 时 候 每 只 还 再 又 来 去 下 名 当 对 方 面
    """.replace("?", "").split()
)
"""Words without content of their own, Chinese signs among them. Without accents."""

LIKING = frozenset(
    """
    like likes liked love loves loved enjoy enjoys enjoyed prefer prefers preferred fond favour favours favor favors
    favourite favorite keen fan appreciate appreciates want wants wanted choose chooses chose pick picks
    interest interests interested drawn adore adores relax relaxes expects welcome welcomes enthusiast preference leans follow follows followed following
    mag mogen mochte liebt bevorzugt gern gerne lieber verfolgt folgt schatzt wunscht interessiert begeistert
    gusta gustan encanta encantan prefiere prefiero disfruta disfruto quiere quiero interesa interesan aficionada aficionado apasiona sigue
    aime adore prefere apprecie veut souhaite
    """.split()
)
REFUSING = frozenset(
    """
    avoid avoids avoided avoiding avoidance dislike dislikes disliked hate hates hated reject rejects rejected rejecting refuse
    refuses skip skips skipped ignore ignores ignored shun shuns decline declines not no never without nor cannot instead
    sceptical skeptical rarely seldom hardly barely averse aversion against loathe loathes detests detest excludes
    abstains misses miss lacks uninterested bored afraid fear fears
    meidet vermeidet meiden meide hasst hasse lehnt ablehnt kein keine keinen keinem keiner nicht nie niemals ohne statt anstatt
    ungern verzichtet scheut abgeneigt desinteressiert angst
    evita evito odia odio miedo no ni sin nunca jamas rechaza detesta huye rehuye
    evite deteste pas jamais sans refuse ne ni
    """.split()
)
COMPARING = frozenset(["over", "than", "als", "que"])
"""After a liking in the same sentence: what is liked less follows."""
RESETTING = frozenset("but whereas while yet although aber sondern wahrend pero sino mais tandis 但 却 不过".split())
"""Words after which a sentence turns."""

DOING = {
    form: name
    for name, forms in {
        "live": "live lives lived living reside resides resident residing based home dwells moved wohnt wohne lebt lebe wohnhaft wohnen"
        " zuhause vive vivo reside habita habito vivir residente habite vit",
        "work": "work works worked working job employed employment profession occupation arbeitet arbeite arbeiten beruf beruflich"
        " trabaja trabajo trabajar empleada empleado travaille",
        "study": "study studies studied studying learn learns learning learnt learner student lernt lerne studiert studiere lernen lerner"
        " estudia estudio aprende aprendo aprendiendo estudiante apprend etudie",
        "speak": "speak speaks speaking spoken fluent spricht spreche sprechen fliessend habla hablo hablar parle",
        "born": "born native geboren geburtig nacio nacido nacida",
        "read": "read reads reading reader liest lese lesen leser lee leo leer lectora lector lit",
        "watch": "watch watches watched watching viewer schaut schaue sieht sehe schauen mira ve regarde",
        "listen": "listen listens listened listening hort hore horen escucha escucho escuchar ecoute",
        "play": "play plays played playing player spielt spiele spielen spieler juega juego jugar toca toco joue",
        "eat": "eat eats eating isst esse essen come como comer mange",
        "drink": "drink drinks drinking trinkt trinke trinken bebe bebo beber boit",
        "cook": "cook cooks cooking cooked kocht kochen cocina cocinar cuisine",
        "travel": "travel travels travelled traveled travelling traveling reist reisen viaja viajar voyage",
        "visit": "visit visits visited visiting besucht visita visitar",
        "run": "run runs running runner lauft laufer correr corre",
        "hike": "hike hikes hiking hiker wandern wandert wanderungen senderismo",
        "buy": "buy buys buying bought purchase purchases purchasing shops kauft kaufen compra comprar",
        "teach": "teach teaches teaching teacher lehrer lehrerin unterrichtet profesor profesora ensena maestra maestro",
        "collect": "collect collects collecting collector sammelt colecciona collectionne",
        "write": "write writes writing writer schreibt escribe ecrit",
    }.items()
    for form in forms.split()
}
"""What somebody does, by the form of the word: it is not done where it is refused."""
APART = frozenset("live work study speak born read watch listen play eat drink cook visit travel".split())
"""Of two lines that do different ones of these with the same thing, none rewords the other."""
SKILLED = frozenset("live work study speak play".split())
"""To do one of these with something says more than to like it."""

SAME = {
    form: words.split()[0]
    for words in (
        "film films movie movies cinema kino spielfilm spielfilme filme pelicula peliculas cine",
        "book books buch bucher libro libros livre livres",
        "game games title titles juegos videojuegos",
        "music songs song musik musica musique",
        "food meal meals dish dishes essen comida cuisine",
        "short brief briefly concise succinct terse compact shortly kurz kurze kurzen kurzer knapp knappe prazise"
        " corto corta cortos cortas breve breves concisa concisas conciso court courte courtes",
        "long lengthy verbose lang lange langen ausfuhrlich ausfuhrliche largo larga largas extenso extensas longues",
        "answer answers reply replies response responses answering antwort antworten respuesta respuestas reponse reponses",
        "list lists aufzahlung aufzahlungen liste listen stichpunkte listas lista",
        "beginner beginners novice starter anfanger anfangerin principiante debutant",
        "train trains rail railway bahn zug zuge tren trenes",
        "plane planes fly flies flight flights flying flugzeug flugzeuge fliegen flug fluge flugzeugs avion aviones volar"
        " vuelo vuelos",
        "travel trip trips journey journeys reise viaje viajes",
        "night nights nightly nacht nachts noche noches nocturno",
        "evening evenings abend abends abendlich",
        "weekend weekends wochenende wochenenden",
        "code coding program programs programming software programmer developer programmiert entwickler programa programar",
        "maths math mathematics mathe mathematik matematicas",
        "hard difficult difficulty schwer schwierig dificil",
        "budget budgets cheap inexpensive affordable gunstig billig barato barata",
        "slow slowly gentle unhurried langsam langsame langsamen lento lenta lentos lentas",
        "own owns has",
        "year years yearly jahr jahre jahren ano anos",
        "old historic historical history historisch historische historischen historia historica historicas historico",
        "early fruh temprano",
        "morning mornings morgens vormittag manana",
        "child children kid kids kinder kind hijo hijos hija? nino ninos",
        "mother mum mom father dad parent parents",
        "ocean oceans sea seas",
        "grow grows cultivates gardens gardening gardener garden garten gartnert jardin",
        "poem poems poetry",
        "blind blindness",
        "explain explains explanation explanations erklarung erklarungen explicacion explicaciones",
        "example examples beispiel beispiele ejemplo ejemplos",
        "one 1 eins uno", "two 2 zwei dos 两 二", "three 3 drei tres 三", "four 4 vier cuatro 四", "five 5 funf cinco 五",
        "six 6 sechs seis 六", "seven 7 sieben siete 七", "eight 8 acht ocho 八", "nine 9 neun nueve 九", "ten 10 zehn diez 十",
    )
    for form in words.replace("?", "").split()
}
"""Words that say the same, by the first of each row."""

FIELDS = frozenset("film book game music food news answer code travel".split())
"""Fields of life, of which a line and its rewording name the same, if any."""
RIVALS = tuple(
    frozenset(words.split())
    for words in (
        "short long", "dark light", "aisl window", "morning evening", "morning night", "cat dog", "tea coffee", "son daught",
        "brother sister", "mother father", "metric imperial", "summer winter", "spring autumn", "fast slow", "loud quiet",
        "big small", "cheap expensiv", "hot cold", "sweet savour", "train plane", "katz hund", "gat perr", "kaff tee",
        "hell dunkel", "gros klein", "cafe te", "狗 猫", "茶 咖啡", "深色 浅色", "古典 流行",
    )
)
"""Of two lines that say the same of different ones of these, none rewords the other."""

GENERIC = frozenset(
    """
    film book game music food answer news series show shows travel live work own one two three four five six seven eight
    nine ten like read watch listen play eat drink cook study speak buy child example evening night morning weekend
    product products item items story stories topic topics place places thing day days week weeks year years hour hours
    """.split()
)
"""What many lines of a profile are about: sharing one of these makes nothing the same."""
