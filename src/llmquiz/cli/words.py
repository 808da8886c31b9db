"""What the study screen says, in English and Chinese.

Invariant: both languages have the same keys (a test holds them to it), and a Chinese sentence is one that a Chinese
engineer would say.
"""

from __future__ import annotations

from collections.abc import Mapping

EN = {
    "position": "{n} of {total}",
    "drill": "again: {left} left",
    "left": "due {due}   new {new}   again {again}",
    "level": "level {level}",
    "level1": "warm-up",
    "level2": "junior",
    "level3": "mid",
    "level4": "senior",
    "level5": "staff",
    "flagged": "flagged",
    "front_hint": "Enter shows the answer    a types yours first    ? keys    q quit",
    "pick_hint": "1-{n} choose    Enter answers    0 I don't know    ? keys    q quit",
    "picks_hint": "1-{n} choose, several are right    Enter answers    0 I don't know    ? keys    q quit",
    "type_hint": "Enter or a digit begins your answer; an empty one means I don't know    ? keys    q quit",
    "write_hint": "Enter opens your editor, then runs the tests    r runs again    g gives up    ? keys    q quit",
    "file_hint": "edit {file}, then Enter runs the tests    g gives up    ? keys    q quit",
    "path_hint": "Answer with the path of a file with your code; an empty line gives up.",
    "runs": "A run takes your code and the tests of this card ({n}): in a subprocess, at most {seconds} s and {memory} GiB, no network.",
    "running": "running the tests ...",
    "unchanged": "Nothing was changed, so nothing was run; r runs it all the same.",
    "tests_passed": "run {runs}: {passed} of {total} tests passed",
    "at_line": "your line {line}: {text}",
    "printed": "printed:",
    "your_code": "Your code",
    "solution": "Solution",
    "skipped_numpy": "Code cards skipped: {n}. They need numpy; `pip install 'llmquiz[code]'` gets it.",
    "skipped_posix": "Code cards skipped: {n}. Running code takes limits that only Linux and macOS have.",
    "skipped_locked": "Code cards locked: {n}. Their file is not trusted; `llmquiz trust {path}` shows what would be run.",
    "no_pick": "Choose first; 0 means I don't know.",
    "verdict_hint": "Enter takes {grade}    a lower digit if you guessed    ? keys",
    "not_higher": "{said}: the answer was graded {grade}; you can lower that, not raise it",
    "your_answer": "Your answer",
    "points": "What did you say?",
    "points_hint": "digits tick    Enter goes on    ? keys",
    "tall_hint": "v from the top",
    "must": "must",
    "grade": "How well did you know it?",
    "grade_hint": "0-5 grades    ? keys",
    "grade_hint_suggested": "Enter takes {grade}    0-5 overrides    ? keys",
    "grade0": "blackout",
    "grade1": "wrong",
    "grade2": "close",
    "grade3": "hard",
    "grade4": "good",
    "grade5": "perfect",
    "days": "{n}d",
    "months": "{n:.1f}mo",
    "years": "{n:.1f}y",
    "help": "Enter|show the answer, go on, take the suggestion; so does Space\n"
    "1-9|tick what you said, choose\t0-5|grade\n"
    "a|type an answer (again)\tl|other language\n"
    "u|undo\tf|flag\n"
    "b|bury until tomorrow\ts|suspend\n"
    "v|read the answer in a pager\te|edit the question\n"
    "r|run the tests again (code)\tg|give up (code)\n"
    "q|quit",
    "any_key": "any key goes back",
    "undone": "Taken back: {card}, grade {grade}",
    "undone_suspended": "Taken back: {card} is no longer suspended",
    "undone_buried": "Taken back: {card} is no longer buried",
    "no_undo": "Nothing to take back in this session. `llmquiz undo` takes back earlier reviews.",
    "suspended": "Suspended: {card}. `u` takes it back.",
    "buried": "Buried until tomorrow: {card}. `u` takes it back.",
    "flagged_now": "Flagged: {card}",
    "unflagged": "Flag taken off: {card}",
    "no_points": "Grade 0 to 5, please: nothing was ticked, so nothing is suggested.",
    "bad_grade": "{said}: a grade is 0 to 5",
    "time_up": "Time is up.",
    "nothing": "Nothing is due and nothing is new today. See you tomorrow!",
    "nothing_more": "`llmquiz study --new 5` takes 5 more new questions; `--ahead` repeats before time.",
    "empty": "The bank has no questions. `llmquiz add` makes one; `llmquiz check` says what is wrong with the files.",
    "nothing_wanted": "No card matches: nothing due or new with this filter. `--ahead` takes cards before they are due.",
    "drill_starts": "Once more: {n} below 4 today.",
    "summary": "Graded {graded}, passed {passed}, in {time}.",
    "summary_none": "Nothing graded.",
    "by_topic": "By topic",
    "tomorrow": "Due tomorrow: {due}.   Streak: {streak} {days_word}.",
    "day": "day",
    "days_word": "days",
    "saved": "All {graded} are saved.",
    "saved_one": "It is saved.",
    "again_later": "{n} below 4 wait to be repeated today: `llmquiz study` goes on.",
    "interrupted": "Stopped.",
}
ZH = {
    "position": "第 {n} / {total} 题",
    "drill": "再来一遍：还剩 {left} 题",
    "left": "到期 {due}   新题 {new}   重练 {again}",
    "level": "难度 {level}",
    "level1": "热身",
    "level2": "初级",
    "level3": "中级",
    "level4": "高级",
    "level5": "专家",
    "flagged": "已标记",
    "front_hint": "回车看答案    a 先写下你的回答    ? 按键    q 退出",
    "pick_hint": "1-{n} 选择    回车提交    0 不知道    ? 按键    q 退出",
    "picks_hint": "1-{n} 选择（多选）    回车提交    0 不知道    ? 按键    q 退出",
    "type_hint": "回车或直接输入数字作答，空着表示不知道    ? 按键    q 退出",
    "write_hint": "回车打开编辑器，保存后跑测试    r 再跑一遍    g 放弃    ? 按键    q 退出",
    "file_hint": "编辑 {file}，回车跑测试    g 放弃    ? 按键    q 退出",
    "path_hint": "输入代码文件的路径作答，空行表示放弃。",
    "runs": "会运行你的代码和这道题的 {n} 个测试：在子进程里，最多 {seconds} 秒、{memory} GiB 内存，不能联网。",
    "running": "正在跑测试 ...",
    "unchanged": "代码没有改动，所以没有运行；按 r 可以直接跑。",
    "tests_passed": "第 {runs} 次运行：{total} 个测试通过 {passed} 个",
    "at_line": "你的第 {line} 行：{text}",
    "printed": "输出：",
    "your_code": "你的代码",
    "solution": "参考解法",
    "skipped_numpy": "跳过 {n} 道代码题：需要 numpy，用 `pip install 'llmquiz[code]'` 安装。",
    "skipped_posix": "跳过 {n} 道代码题：运行代码需要的限制只有 Linux 和 macOS 才有。",
    "skipped_locked": "锁住了 {n} 道代码题：所在文件还没有被信任，用 `llmquiz trust {path}` 看看会运行什么。",
    "no_pick": "先选一项；不知道就按 0。",
    "verdict_hint": "回车按 {grade} 分    蒙对的可以按更低的分    ? 按键",
    "not_higher": "{said}：这次判了 {grade} 分，只能往低改",
    "your_answer": "你的回答",
    "points": "刚才说到了哪几点？",
    "points_hint": "数字打勾    回车继续    ? 按键",
    "tall_hint": "v 从头看",
    "must": "必答",
    "grade": "掌握得怎么样？",
    "grade_hint": "0-5 打分    ? 按键",
    "grade_hint_suggested": "回车按 {grade} 分    0-5 另打分    ? 按键",
    "grade0": "全忘",
    "grade1": "答错",
    "grade2": "接近",
    "grade3": "吃力",
    "grade4": "良好",
    "grade5": "完美",
    "days": "{n} 天",
    "months": "{n:.1f} 个月",
    "years": "{n:.1f} 年",
    "help": "回车|看答案、继续、接受建议分（空格也行）\n"
    "1-9|给说到的要点打勾、选选项\t0-5|打分\n"
    "a|写（重写）回答\tl|切换语言\n"
    "u|撤销\tf|标记\n"
    "b|明天再出\ts|暂停这道题\n"
    "v|用分页器看答案\te|编辑这道题\n"
    "r|再跑一遍测试（代码题）\tg|放弃（代码题）\n"
    "q|退出",
    "any_key": "按任意键返回",
    "undone": "已撤销：{card}，{grade} 分",
    "undone_suspended": "已撤销：{card} 不再暂停",
    "undone_buried": "已撤销：{card} 今天照常出",
    "no_undo": "这一轮没有可撤销的了。更早的复习用 `llmquiz undo` 撤销。",
    "suspended": "已暂停：{card}。按 u 撤销。",
    "buried": "明天再出：{card}。按 u 撤销。",
    "flagged_now": "已标记：{card}",
    "unflagged": "已取消标记：{card}",
    "no_points": "请打 0 到 5 分：没有打勾，就没有建议分。",
    "bad_grade": "{said}：分数是 0 到 5",
    "time_up": "时间到。",
    "nothing": "今天没有到期的，也没有新题。明天见！",
    "nothing_more": "`llmquiz study --new 5` 再学 5 道新题；`--ahead` 提前复习。",
    "empty": "题库里一道题也没有。用 `llmquiz add` 加一道；`llmquiz check` 会说明文件哪里有问题。",
    "nothing_wanted": "没有符合条件的题：既没有到期的，也没有新的。`--ahead` 可以提前复习。",
    "drill_starts": "再来一遍：今天有 {n} 题不到 4 分。",
    "summary": "打分 {graded} 题，通过 {passed} 题，用时 {time}。",
    "summary_none": "还没有打分。",
    "by_topic": "按主题",
    "tomorrow": "明天到期：{due} 题。   连续学习：{streak} {days_word}。",
    "day": "天",
    "days_word": "天",
    "saved": "{graded} 条都已保存。",
    "saved_one": "已保存。",
    "again_later": "还有 {n} 题不到 4 分，今天要再练：`llmquiz study` 接着来。",
    "interrupted": "已停止。",
}
TABLES: Mapping[str, Mapping[str, str]] = {"en": EN, "zh": ZH}


class Words:
    """The words of one language; both-language sessions speak the language of the environment."""

    def __init__(self, lang: str, tables: Mapping[str, Mapping[str, str]] = TABLES) -> None:
        """Choose a table: "en" or "zh"."""
        self.lang = lang
        self.table = tables[lang]

    def __call__(self, name: str, **values: object) -> str:
        """Return the text `name` with its values filled in."""
        return self.table[name].format(**values)

    def interval(self, days: int | None) -> str:
        """Say an interval: days up to 60, then months, then years."""
        if days is None:
            return ""
        if days <= 60:  # noqa: PLR2004
            return self("days", n=days)
        return self("months", n=days / 30.4) if days < 365 else self("years", n=days / 365.25)  # noqa: PLR2004


def spoken(lang: str, environ: Mapping[str, str]) -> str:
    """Return the language of the words beside questions in `lang`: for "both", and for "", that of the environment."""
    return lang if lang in TABLES else environment_language(environ)


def environment_language(environ: Mapping[str, str]) -> str:
    """Return "zh" where the environment speaks Chinese, else "en"."""
    said = next((environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(k)), "")
    return "zh" if said.lower().startswith("zh") else "en"
