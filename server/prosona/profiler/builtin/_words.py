"""Words that say little about a person: function words, and words common in any text."""

from __future__ import annotations

__all__ = [
    "CJK_COMMON",
    "CJK_FUNCTION",
    "COMMON_WORDS",
    "FUNCTION_WORDS",
    "LEANING_WORDS",
    "NEGATIONS",
    "TURNING_WORDS",
]

_FUNCTION = """
    a about above after again against all almost along also although always am among an and another any
    anybody anyone anything are aren't around as at away back be became because become been before behind
    being below between both but by can can't cannot could couldn't did didn't do does doesn't doing
    don't done down during each either else enough even ever every everyone everything few for from
    further had hadn't has hasn't have haven't having he her here hers herself him himself his how
    however i i'd i'll i'm i've if in indeed instead into is isn't it it's its itself just least less let
    let's like many may maybe me might mine more most much must my myself near neither never no nobody
    none nor not nothing now of off often on once one only onto or other others ought our ours ourselves
    out over own per perhaps quite rather really same shall she should shouldn't since so some somebody
    someone something sometimes somewhere still such than that that's the their theirs them themselves
    then there there's these they they'd they'll they're they've this those though through thus to
    together too toward towards under until up upon us very was wasn't we we'd we'll we're we've were
    weren't what what's whatever when where whether which while who who's whom whose why will with within
    without won't would wouldn't yes yet you you'd you'll you're you've your yours yourself yourselves
    via etc vs versus
"""
FUNCTION_WORDS = frozenset(_FUNCTION.split())
"""Never part of a name, a topic or a key term."""

_COMMON = """
    able actually add added agree amazing answer answers appreciate ask asked awesome bad beautiful
    believe best better big bit bring broad busy buy call came case cause certain certainly chance change
    check choice choose chose come comes coming consider considered cool couple course currently day days
    definitely depend depends different difficult easily easy either end enjoy entire especially example
    exactly excellent excited exciting experience extra fact famous fantastic far favorite favourite
    feature features featured features feel feeling feels fine find first fit followed following found
    four free friend friends fun gave general generally get gets getting give given gives giving glad go
    goes going gone gonna good got gotten great guess guy guys happen happened happy hard hear heard help
    helped helpful helps hey hi high hello hope huge idea ideas important include includes including
    interested interesting involving issue item items keep kind know known large last lately later least
    leave left life likely little live lol long look looking looks lot lots love low made main make makes
    making matter mean means mention met mind moment months morning movie movies name need needed needs
    new next nice number often ok okay old option options part particular people perfect person place
    please plus point popular possible possibly pretty probably problem provide put question questions
    quick quickly read ready real reason recommend recommended related right said saw say saying says
    second see seem seems seen sense set several short show side similar simple simply small soon sorry
    sort sound sounds start started stuff sub such suggest suggested suggestion sure take taken takes
    taking talk tell thank thanks thing things think thinking thought three time times title today told
    tonight took totally tried true try trying turn two understand unless use used useful user uses using
    usually various wait want wanted wants watch way ways week weekend weeks well went whole wonder
    wonderful wondering word words work works world worry worth wow wrong yeah year years yesterday
"""
COMMON_WORDS = frozenset(_COMMON.split())
"""Content words too common to be a topic by themselves; they may stand inside a name."""

_LEANING = """
    pick picks picked select selects selected prefer prefers preferred preference enjoys enjoyed avoid
    avoids avoiding avoided skip skipping ignore ignoring reject rejected hate dislike tired seek seeks
    seeking value values appreciate admire favor favors favour favours declined decline chosen loves
    loved likes liked
"""
LEANING_WORDS = frozenset(_LEANING.split())
"""Words of liking and avoiding: inside a name they would turn the sense of the line around it."""

_TURNING = """
    neither nor cannot less lack lacks little rather instead over skip skipped pass passes passed turn
    turned stop stopped rarely seldom hardly uninterested bored weary averse allergic intolerant
    uncomfortable afraid enjoy enjoying want wants wanted love like liking loving choose chooses choosing
    favorite favorites favourite favourites look looks looking lean leans tend tends interested fond
    drawn keen fan fans steer
"""
TURNING_WORDS = LEANING_WORDS | frozenset(_TURNING.split())
"""Words that may turn the sense of what stands behind them in a row of names."""

NEGATIONS = frozenset(["no", "not", "without", "never", "non"])
"""What follows one of these is just what an item is not."""

CJK_FUNCTION = frozenset(
    "的了是在我有和就不人都一也很到说要去你会着没看好自这那他她它们吗呢吧啊呀哦嗯与及或而但被把给对从向以为于之其"
    "个些么什怎哪谁几多少更最还又再才只能可可以让使得地过来上下里中后前时候因所如果虽然并且已经非常比较真太挺"
)
"""Characters that rarely begin or end a Chinese term."""

_CJK = """
    今天 明天 昨天 现在 最近 时间 东西 事情 问题 觉得 知道 喜欢 不错 可能 应该 需要 希望 感觉 朋友 开始
    推荐 适合 选择
    有点 一下 一些 这个 那个 什么 怎么 没有 不是 就是 还是 但是 因为 所以 如果 大家 自己 真的 特别 比较
    非常 方便 周末
"""
CJK_COMMON = frozenset(_CJK.split())
"""Chinese words too common to be a topic by themselves."""
