"""The figures of a message: which field each belongs to, or why that is not certain.

A figure beside an unknown word is doubted: what is not understood may change what is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.core.aligned import Named
from bot.core.claims import IN_TIME, ON_TIME, Claim, topic_fields
from bot.core.clauses import FIGURES, Clause, Figure, figures_of
from bot.core.form import Form
from bot.core.lexicon import Meaning, lexicon_of, one_slip
from bot.core.meaning import Context, Meant, meant, terms_in
from bot.core.said import Said
from bot.core.speech import Sort
from bot.core.text import fold
from bot.core.times import Times
from bot.core.tokens import Token
from bot.core.values import Unclear, Why

_NO_EXACT_NUMBER = frozenset({Sort.ABOUT, Sort.BAD, Sort.BECOMES, Sort.SLASH, Sort.RATHER})
_CHANGES_MEANING = frozenset({Sort.ELSEWHEN, Sort.UNKNOWN, Sort.TROUBLE, Sort.NONE})
_RECTIFIES = (Sort.RECTIFY, Sort.ASTRAY)
_TWO = 2
_BEGINS_SENTENCE = (None, Sort.STOP)


class Figures:
    """Reads figures clause by clause.

    Attributes:
        said: what they claim, and what is doubted.
    """

    def __init__(self, form: Form) -> None:
        self._form = form
        self.said = Said(form)
        self._times = Times()
        self._scope: frozenset[str] = frozenset()
        self._below_heading = False
        self._carried = False
        self._strange_bracket = False
        self._strange_before = False
        self._name_before = False
        self._forgotten = False
        self._line = ""

    @property
    def _context(self) -> Context:
        return Context(self._scope, self.said.topic)

    def begin_line(self, line: str, number: int) -> None:
        """Go on with the next line; a heading at the end of a line holds for those below."""
        self._line, self.said.line = line, number
        if not self._below_heading:
            self._leave_scope()
            self._strange_before = False
        self._end_sentence()

    def read(self, clauses: Sequence[Clause], at: int, *, first: bool) -> None:
        """Read a clause.

        Args:
            first: nothing was said before it, so that unknown words in front name the unit.
        """
        clause = clauses[at]
        strange = clause.has(Sort.UNKNOWN) and not clause.has(Sort.NUMBER)
        self._strange_bracket = clause.in_bracket and (self._strange_bracket or strange)
        if clause.mark in _BEGINS_SENTENCE:
            self._end_sentence()
        if clause.has(*_RECTIFIES):
            self.said.correcting, self.said.corrected = True, False
            words = (
                fold(self._line[t.start : t.end]) for t in clause.tokens if t.sort in _RECTIFIES
            )
            self._forgotten = all("quen" in word for word in words)
        if clause.has(Sort.ASTRAY):
            # "ghi ngược trực tiếp với trực tuyến": which figures are wrong is asked.
            self.said.doubt(Unclear(self.text(clause), Why.NO_LABEL))
        if self._times.of_either(clause):
            self.said.doubt_last(Why.NO_LABEL)
        self._times.look_at(clause, first=first)
        if clause.has(*FIGURES):
            self._with_figures(clauses, at, first=first)
        else:
            self._without_figures(clauses, at, first=first)
        if clause.has(Sort.PERCENT, Sort.ALL):
            self._all_in_time(clause)

    def take_all(self, named: Sequence[Named]) -> bool:
        """Take the figures of a list or table; none when the words do not say what each is."""
        before = len(self.said.claims), self.said.topic
        taken = [self._take_named(words, value, fragment) for words, value, fragment in named]
        if all(taken):
            return True
        del self.said.claims[before[0] :]
        self.said.topic = before[1]
        return False

    def _take_named(self, words: Sequence[Token], value: int, fragment: str) -> bool:
        what = meant(self._form, words, self._context)
        topic = self.said.topic_of(what.fields)
        certain = len(what.fields) == 1 or (topic and what.fields < topic_fields(self._form, topic))
        if not certain:
            # "cấp thiết nhận/xong": the first of a list tells what the others are about.
            about = self.said.topic
            same = frozenset(f.id for f in self._form.fields if f.topic == about)
            what = meant(self._form, words, Context(same, about))
            certain = what.in_scope and len(what.fields) == 1
        if certain:
            self.said.add(Claim(what.fields, value, fragment, what.part, line=self.said.line))
        return bool(certain)

    def text(self, clause: Clause) -> str:
        """Return the words of a clause."""
        begin, end = clause.place
        return self._line[begin:end]

    # Sentences and headings

    def _end_sentence(self) -> None:
        self._times.begin_sentence()
        if self.said.corrected or not self.said.claims:
            self.said.correcting = self.said.corrected = False
        marked = any(self._form.field(f).marked for f in self._scope)
        if marked and not self._below_heading:
            self._leave_scope()

    def _leave_scope(self) -> None:
        self._scope = frozenset()
        self._below_heading = self._carried = False

    def _head(self, words: Sequence[Token], *, below: bool) -> None:
        """Let a heading narrow what follows; `below` it as well when it ends its line."""
        own = [t.fields for t in terms_in(words) if not t.unit and not t.weak]
        fields = frozenset.intersection(*own) if own else frozenset()
        what = meant(self._form, words, Context())
        topic = self.said.topic_of(what.fields)
        opened = frozenset(f.id for f in self._form.fields if topic and f.topic == topic)
        marked = bool(fields) and all(self._form.field(f).marked for f in fields)
        self._scope = opened if marked else fields | _parts_of(self._form, fields)
        self.said.topic = topic or self.said.topic
        self._below_heading, self._carried = below, False

    def _without_figures(self, clauses: Sequence[Clause], at: int, *, first: bool) -> None:
        clause = clauses[at]
        named = any(not t.unit for t in terms_in(clause.tokens))
        self._name_before = named and not clause.heads
        last = clause.ends is None
        if named and clause.heads and not _says_anything(clause.body) and not (last and at):
            self._head(clause.tokens, below=last)
        elif (
            named
            and clause.ends is None
            and at == 0
            and not clause.has(Sort.OPTION, Sort.UNKNOWN, Sort.ALL, Sort.PERCENT)
        ):
            self._head(clause.tokens, below=True)
        elif named:
            self._name_alone(clauses, at, first=first)
        elif clause.rectifies and not self._goes_on(clauses, at):
            self.said.doubt_last(Why.NOT_A_NUMBER)

    def _goes_on(self, clauses: Sequence[Clause], at: int) -> bool:
        return any(c.has(*FIGURES) for c in clauses[at + 1 :])

    def _name_alone(self, clauses: Sequence[Clause], at: int, *, first: bool) -> None:
        """Ask back a name without a figure: the figure may be the next clause's."""
        clause = clauses[at]
        if clause.in_bracket or clause.has(Sort.OPTION, Sort.PERCENT, Sort.ALL):
            return
        if all(t.weak or t.unit for t in terms_in(clause.tokens)):
            return  # "còn lại giữ nguyên"
        what = meant(self._form, clause.tokens, self._context)
        strange = clause.has(Sort.UNKNOWN, Sort.ELSEWHEN, Sort.ABOUT)
        if len(what.fields) == 1 or (strange and not first):
            fields = what.fields if len(what.fields) == 1 else frozenset()
            self.said.doubt(Unclear(self.text(clause), Why.NOT_PARTED), fields)
            if not fields:
                # "xin lỗi em ghi gnưược trực tiếp với trực tuyến"
                self.said.doubted |= {f for t in terms_in(clause.tokens) for f in self._plain(t)}
            self._doubt_shifted(clauses, at)
        else:
            self.said.topic = self.said.topic_of(what.fields) or self.said.topic

    def _doubt_shifted(self, clauses: Sequence[Clause], at: int) -> None:
        """ "Trực tiếp, 5 trực tuyến, 3 bưu chính": the figures may all be shifted."""
        for clause in clauses[at + 1 :]:
            first = next(iter(clause.tokens))
            if first.sort is not Sort.NUMBER or clause.mark is not Sort.COMMA:
                return
            words = clause.tokens
            what = meant(self._form, words, self._context)
            self.said.doubted |= what.fields if len(what.fields) == 1 else set()

    # Clauses with figures

    def _with_figures(self, clauses: Sequence[Clause], at: int, *, first: bool) -> None:
        clause, before = clauses[at], len(self.said.unclear)
        head = [t for h in clause.heads for t in h]
        if terms_in(head) and not self._goes_on_in_scope(clause, head):
            self._head(head, below=False)
        words = _without_subject(clause) if first else list(clause.tokens)
        self._each_figure(clauses, at, words)
        self._look_at_strange(clause, doubted=len(self.said.unclear) > before)
        if clause.heads and not clause.body and terms_in(words):
            self._head([t for t in words if t.sort not in FIGURES], below=clause.ends is None)

    def _each_figure(self, clauses: Sequence[Clause], at: int, words: Sequence[Token]) -> None:
        """Read the figures of a clause, when its words can be given to them in one way only."""
        clause = clauses[at]
        words, wrong = self._without_wrong_figure(words)
        if self._take_none_of_each(clause, words):
            return
        ways = [way for way in figures_of(words) if self._fits(way) and not self._torn(words)]
        if len(ways) != 1:
            self._not_parted(clause, words)
            self._doubt_shifted(clauses, at)
            return
        for figure in ways[0]:
            self._figure(figure, clause, wrong, alone=len(clauses) == 1)
            if not meant(self._form, figure.words, Context()).fields and terms_in(figure.words):
                self._doubt_shifted(clauses, at)

    def _look_at_strange(self, clause: Clause, *, doubted: bool) -> None:
        """Note a doubted figure with unknown words: "trưc hạn 15" may be a part of "đúng hạn"."""
        strange = doubted and clause.has(Sort.UNKNOWN)
        last = self.said.claims[-1] if self.said.claims else None
        if strange and last and last.part and last.line == self.said.line:
            self.said.doubted |= last.fields
        self._strange_before = strange
        self._name_before = False

    def _take_none_of_each(self, clause: Clause, words: Sequence[Token]) -> bool:
        """ "online với bưu điện đều không có": none of several figures of one topic."""
        figures = [t for t in words if t.sort in FIGURES]
        named = [self._unmarked(t) for t in terms_in(words) if not t.unit]
        single = [min(fields) for fields in named if len(fields) == 1]
        strange = any(
            t.sort in (*_CHANGES_MEANING, *_NO_EXACT_NUMBER)
            for t in words
            if t.sort is not Sort.NONE
        )
        strange |= self._times.elsewhen
        topics = {self._form.field(f).topic for f in single}
        agree = all(len(fields) == 1 or {*single} <= fields for fields in named)
        none = len(figures) == 1 and figures[0].sort is Sort.NONE
        if not (none and agree and len({*single}) > 1 and len(topics) == 1) or strange:
            return False
        for field_id in single:
            self.said.add(Claim(frozenset({field_id}), 0, self.text(clause), line=self.said.line))
        return True

    def _goes_on_in_scope(self, clause: Clause, head: Sequence[Token]) -> bool:
        """Whether a name is one of what a heading opened: "cấp thiết: nhận: 3, xong: 2"."""
        marked = all(self._form.field(f).marked for f in self._scope)
        narrows = marked and meant(self._form, head, self._context).in_scope
        return bool(self._scope) and clause.mark is Sort.COMMA and narrows

    def _without_wrong_figure(self, words: Sequence[Token]) -> tuple[list[Token], int | None]:
        """Leave out the figure that is said to be wrong: "21 chứ không phải 12", "12 thành 21"."""
        kept: list[Token] = []
        wrong: int | None = None
        skip = False
        for n, token in enumerate(words):
            ahead = next((t for t in words[n + 1 :] if t.sort is not Sort.FILLER), None)
            becomes = ahead is not None and ahead.sort is Sort.BECOMES and self.said.correcting
            if token.sort is Sort.RATHER:
                skip = True
            elif token.sort is Sort.NUMBER and (skip or becomes):
                wrong, skip = token.values[0], False
            elif token.sort is not Sort.BECOMES or not self.said.correcting:
                kept.append(token)
        return kept, wrong

    def _fits(self, way: Sequence[Figure]) -> bool:
        """Whether the words of each figure agree, where there are several.

        Of many figures without a mark between them none may have words about two topics: there the
        figures are said now before, now behind their names.
        """
        if len(way) == 1:
            return True
        agree = all(meant(self._form, f.words, self._context).fields for f in way)
        if len(way) == _TWO:
            return agree
        # "tru 2 trên 3 người nhận trực tiếp 5 bộ qua mạng 3 bộ": an unknown word may shift all.
        strange = any(t.sort is Sort.UNKNOWN for f in way for t in f.words)
        return agree and not strange and not any(self._mixes(f) for f in way)

    def _torn(self, words: Sequence[Token]) -> bool:
        """Whether a pair may have a slip between its figures: "hai trê bốn công chức"."""
        for n, token in enumerate(words[2:-1], 2):
            counted = words[n + 1].meaning
            paired = counted and any(self._form.field(f).pair for f in counted.fields)
            between = fold(self._line[words[n - 1].start : words[n - 1].end])
            if token.sort is Sort.NUMBER and paired and one_slip(between, "tren"):
                return True
        return False

    def _mixes(self, figure: Figure) -> bool:
        """ "bưu điện trả 10" in "nhận 1 bưu điện trả 10 đúng hạn": two figures run together."""
        terms = [t for t in terms_in(figure.words) if not t.unit and not t.weak]
        topics = [{self._form.field(f).topic for f in self._unmarked(t)} for t in terms]
        told = [t for t in topics if t]
        return bool(told) and not set.intersection(*told)

    def _unmarked(self, term: Meaning) -> frozenset[str]:
        return frozenset(f for f in term.fields if not self._form.field(f).marked)

    def _not_parted(self, clause: Clause, words: Sequence[Token]) -> None:
        terms = [t for t in terms_in(words) if not t.unit]
        single = {f for t in terms if len(t.fields) == 1 for f in t.fields}
        why = Why.NOT_PARTED if terms else Why.NO_LABEL
        named = single | {f for t in terms for f in self._plain(t)}
        if len(named) == 1 and all(named <= t.fields for t in terms):
            why = Why.NOT_A_NUMBER
        self.said.doubt(Unclear(self.text(clause), why), named if len(named) == 1 else ())
        self.said.doubted |= named
        if len(named) < sum(t.sort in FIGURES for t in words) and clause.has(Sort.UNKNOWN):
            # "trực tiếp 1 oniln 3"
            self.said.doubted |= topic_fields(self._form, self.said.topic_of(named))
        counted = {f for t in terms_in(words) if t.unit for f in t.fields}
        if self.said.last and not terms and self.said.last.fields <= counted:
            # "trực 2/4, à chiều có thêm 1 đc nữa nên là 3/4"
            topic = self.said.topic_of(self.said.last.fields)
            self.said.doubted |= topic_fields(self._form, topic)

    def _plain(self, term: Meaning) -> frozenset[str]:
        """Return the only unmarked field of a term."""
        fields = self._unmarked(term)
        return fields if len(fields) == 1 else frozenset()

    def _figure(self, figure: Figure, clause: Clause, wrong: int | None, *, alone: bool) -> None:
        what = self._meant(figure)
        if figure.number.sort is Sort.NONE:
            what = self._nothing(figure, what)
        fragment = self._line[figure.place[0] : figure.place[1]]
        if not what.said:
            self._unnamed(figure, clause, what, alone=alone)
        elif why := self._why_doubtful(figure, clause, what):
            self._doubt_figure(Unclear(fragment, why), figure, clause, what)
        elif wrong is not None and (len(what.fields) > 1 or not self.said.was(what, wrong)):
            self.said.doubt(Unclear(fragment, Why.SAID_TWICE), what.fields)
            self.said.doubted |= what.fields
        else:
            self._take(figure, clause, what, fragment)

    def _meant(self, figure: Figure) -> Meant:
        """Return what a figure may be.

        In "…, cấp thiết nhận 5, đã giải quyết 4" the last one is about the urgent dossiers only if
        what else it may be was said before.
        """
        what = meant(self._form, figure.words, self._context)
        if not (self._carried and what.in_scope):
            return what
        plain = meant(self._form, figure.words, Context())
        said = self.said.fields
        other = {f for f in plain.fields if not self._form.field(f).marked}
        return what if not other or other & said else plain

    def _nothing(self, figure: Figure, what: Meant) -> Meant:
        """ "không phát sinh hồ sơ", "hôm nay không có hồ sơ nào": nothing of all that may arise."""
        folded = fold(self._line[figure.number.start : figure.number.end])
        counted = any(t.unit for t in terms_in(figure.words)) and not self.said.topic
        # "không đóng cửa như tin đồn"
        denies = any(t.sort is Sort.OPTION and t.start > figure.number.start for t in figure.words)
        if what.said or denies or not ("phat sinh" in folded or counted):
            return what
        arises = lexicon_of(self._form).at(["phat", "sinh"], 0)
        fields = arises[0].fields if arises else frozenset()
        fields = frozenset(f for f in fields if not self._form.field(f).marked)
        scoped = fields & self._scope
        return Meant(scoped or fields, said=True, in_scope=bool(scoped))

    def _doubt_figure(self, unclear: Unclear, figure: Figure, clause: Clause, what: Meant) -> None:
        strange = any(t.sort is Sort.UNKNOWN for t in figure.words) or self._times.strange
        begins = next((t.sort for t in clause.tokens if t.sort is not Sort.FILLER), None)
        told = begins is Sort.ELSEWHEN or (clause.in_bracket and clause.has(Sort.ELSEWHEN))
        elsewhen = told or self._times.in_bracket or self._times.headed
        beside = (
            elsewhen and unclear.why is Why.NO_LABEL and not strange and not self.said.correcting
        )
        if self.said.correcting and any(t.sort is Sort.UNKNOWN for t in figure.words):
            # "sửa lại: quá hạn cưha trả 1": what is not understood may say which is corrected.
            self.said.doubt_all()
        if beside:
            fields = tuple(self._form.field(f) for f in what.fields)
            self.said.perhaps.append(replace(unclear, fields=fields[:1]))
        elif len(what.fields) == 1:
            self.said.doubt(unclear, what.fields)
        else:
            self.said.doubt(unclear, what.fields)
            self.said.doubted |= {f for t in terms_in(figure.words) for f in self._plain(t)}
        strange = any(t.sort in (Sort.UNKNOWN, Sort.ELSEWHEN) for t in figure.words)
        if unclear.why is not Why.NO_LABEL or strange:
            # "quá hạn cưah trả 1": what is not understood may say which of both it is.
            either = [self._unmarked(t) for t in terms_in(figure.words) if not t.unit]
            self.said.doubted |= {f for fields in either if len(fields) == _TWO for f in fields}

    def _why_doubtful(self, figure: Figure, clause: Clause, what: Meant) -> Why | None:
        """Return why a named figure may not be taken, or None."""
        if not what.fields:
            return Why.NOT_PARTED
        sorts = {t.sort for t in figure.words}
        over = any(t.sort is Sort.OF and t.end + 1 == figure.number.start for t in figure.words)
        # Of "một trăm hai mơi ba" the last word may seem to be a number by itself.
        if clause.has(Sort.BAD) or sorts & _NO_EXACT_NUMBER or over:
            return Why.NOT_A_NUMBER
        # Another field is not named in the midst of a figure: "giao dịch đến từ 186".
        label = any(t.sort is Sort.LABEL and t in clause.body for t in figure.words)
        if sorts & _CHANGES_MEANING or label or self._times.elsewhen:
            return Why.NO_LABEL
        below = clause.mark is None and self._below_heading
        beside = self._strange_before and (below or clause.mark is Sort.COMMA)
        if what.part and beside:
            return Why.NOT_PARTED
        if self._times.both and all(t.weak or t.unit for t in terms_in(figure.words)):
            return Why.NO_LABEL  # "hôm qua trực tiếp 15, hôm nay chỉ còn 6"
        if clause.inside and not self.said.has_whole_of(what, begins=clause.mark is None):
            self.said.doubt_last(Why.NOT_PARTED)
            return Why.NOT_PARTED
        return None

    def _unnamed(self, figure: Figure, clause: Clause, what: Meant, *, alone: bool) -> None:
        """Look for what a figure without a name of its own may be."""
        number = figure.number
        counted = bool(terms_in(figure.words))
        plain = not any(t.sort in (*_CHANGES_MEANING, *_NO_EXACT_NUMBER) for t in figure.words)
        below = plain and alone and self._below_heading and number.sort is Sort.NUMBER
        if below and len(what.fields) == 1:
            self._take(figure, clause, what, self._line[figure.place[0] : figure.place[1]])
            return
        of_day = plain and not self._times.elsewhen
        if of_day and (self._is_sum(number) or self._take_staff(figure, clause)):
            return
        if self._is_no_figure(figure, clause, counted=counted, plain=plain):
            return
        if of_day and self._is_whole_of_pair(figure, clause):
            last = self.said.claims[-1].sure or ""
            whole = frozenset({self._form.field(last).pair or ""})
            text = self.text(clause)
            self.said.add(Claim(whole, number.values[0], text, line=self.said.line))
            return
        # In "cấp thiết nhầm 2" the figure is not of what was said before.
        told = self.said.correcting and not self._name_before
        corrects = told and plain and bool(number.values) and not clause.in_bracket
        if corrects and self.said.correct(number.values, self.text(clause)):
            return
        at_it = clause.in_bracket or not self.said.correcting
        follows = clause.mark is not Sort.STOP and not counted and at_it
        fields = self.said.last.fields if self.said.last and follows else ()
        why = Why.NOT_A_NUMBER if fields else Why.NO_LABEL
        self.said.doubt(Unclear(self.text(clause), why), fields)
        if any(t.sort is Sort.UNKNOWN for t in figure.words):
            # Behind "đang giả quyết 11" it is not known what is overdue.
            self.said.topic = ""

    def _is_sum(self, number: Token) -> bool:
        return len(number.values) == 1 and self.said.is_sum(number.values[0])

    def _take_staff(self, figure: Figure, clause: Clause) -> bool:
        """Take a pair that only says what is counted, "2/4 đ/c", if one field is told so."""
        counted = [t.fields for t in terms_in(figure.words) if t.unit]
        fields = frozenset.intersection(*counted) if counted else frozenset()
        paired = [f for f in fields if self._form.field(f).pair]
        values = figure.number.values
        # "vắng 2/6 đc" is said of those who are away.
        if len(values) != _TWO or len(paired) != 1 or clause.has(Sort.UNKNOWN):
            return False
        claim = Claim(frozenset(paired), values[0], self.text(clause), line=self.said.line)
        self.said.pair(claim, values)
        return True

    def _is_whole_of_pair(self, figure: Figure, clause: Clause) -> bool:
        """Whether a figure is the second of a pair: "4 cán bộ trực, tổng 6"."""
        last = self.said.claims[-1] if self.said.claims else None
        if last is None or last.sure is None or last.line != self.said.line:
            return False
        paired = self._form.field(last.sure).pair and not self._form.field(last.sure).marked
        total = any(t.sort is Sort.TOTAL for t in figure.words)
        close = clause.mark in (Sort.COMMA, Sort.OPENS)
        return bool(paired) and total and close and len(figure.number.values) == 1

    def _is_no_figure(self, figure: Figure, clause: Clause, *, counted: bool, plain: bool) -> bool:
        """Whether a number is a date, yesterday's in brackets, or by how much one changed."""
        number = figure.number
        if number.sort is Sort.NONE:
            return not counted
        if number.day_too and not counted and not self.said.correcting:
            return not any(t.sort is Sort.UNKNOWN for t in figure.words)
        if clause.in_bracket and self._strange_bracket:
            return False  # "bưu điện 3 (hnầm, 4)"
        if clause.in_bracket and number.sort is Sort.NUMBER and not counted:
            return (plain and not self.said.correcting) or clause.has(Sort.ELSEWHEN)
        return clause.has(Sort.ELSEWHEN) and not self._times.elsewhen

    def _take(self, figure: Figure, clause: Clause, what: Meant, fragment: str) -> None:
        if not what.in_scope:
            self._leave_scope()
        values = figure.number.values or (0,)
        counted = any(t.unit for t in terms_in(figure.words))
        if (
            len(values) == _TWO
            and counted
            and not any(self._form.field(f).pair for f in what.fields)
        ):
            # "trả 7/7 hồ sơ đúng hạn"; without what is counted it may be a day.
            values = values[:1] if values[0] == values[1] else values
        inside = clause.inside or clause.in_bracket
        claim = Claim(
            what.fields,
            values[0],
            fragment,
            what.part,
            inside,
            self.said.correcting,
            self.said.line,
        )
        new = self.said.correcting and not self.said.corrected and not self._forgotten
        if new and self.said.claims and not claim.fields & self.said.fields:
            # "trực tiếp 12 à nhầm online 9" corrects what was not said: nobody knows what.
            self.said.doubt(Unclear(fragment, Why.NO_LABEL))
        elif len(values) == 1:
            self.said.add(claim)
        else:
            self.said.pair(claim, values)
        self.said.corrected = True
        self._follow(clause, what)

    def _follow(self, clause: Clause, what: Meant) -> None:
        """ "cấp thiết nhận 5, xong 4": what follows a marked figure is about the same."""
        marked = all(self._form.field(f).marked for f in what.fields)
        if marked and not self._scope:
            topic = self.said.topic_of(what.fields)
            same = frozenset(f.id for f in self._form.fields if f.topic == topic)
            self._scope = same
            self._carried = clause.mark is Sort.COMMA

    # All of it

    def _all_in_time(self, clause: Clause) -> None:
        """ "đạt 100% đúng hạn", "đều đúng hạn": of the rest of the topic there is none."""
        whole = any(
            t.sort is Sort.ALL or (t.sort is Sort.PERCENT and t.values) for t in clause.tokens
        )
        last = self.said.claims[-1] if self.said.claims else None
        timely = {f for t in self._form.terms if t.part == ON_TIME for f in t.means}
        in_time = [t for t in terms_in(clause.tokens) if t.part == IN_TIME or t.fields <= timely]
        if not whole or (
            not in_time and not (clause.in_bracket and last and last.fields <= timely)
        ):
            return
        what = meant(self._form, clause.tokens, self._context)
        fields = what.fields or (last.fields if last else frozenset())
        if len(fields) != 1 or clause.has(Sort.UNKNOWN, Sort.ELSEWHEN):
            return
        for other in self._rest(next(iter(fields))):
            fragment = self.text(clause)
            self.said.claims.append(
                Claim(frozenset({other}), 0, fragment, inside=True, line=self.said.line)
            )

    def _rest(self, field_id: str) -> frozenset[str]:
        asked = self._form.field(field_id)
        if asked.whole:
            return _parts_of(self._form, {field_id})
        return topic_fields(self._form, asked.topic) - {field_id}


def _says_anything(words: Sequence[Token]) -> bool:
    return any(t.sort is not Sort.FILLER for t in words)


def _parts_of(form: Form, fields: Iterable[str]) -> frozenset[str]:
    wholes = {*fields}
    return (
        frozenset(
            f.id
            for f in form.fields
            if f.within in wholes and f.topic == form.field(f.within).topic
        )
        if wholes
        else frozenset()
    )


def _without_subject(clause: Clause) -> list[Token]:
    """Return the words without unknown ones in front, which name the unit: "Hợp Châu trực 2/3"."""
    words = list(clause.tokens)
    first = next((n for n, t in enumerate(words) if t.sort in (Sort.TERM, *FIGURES)), 0)
    # A name without diacritics may look like "thành": "thanh tru: truc 2/4".
    names = (Sort.UNKNOWN, Sort.BECOMES)
    return [t for n, t in enumerate(words) if n >= first or t.sort not in names]
