"""A person's file and a certificate as sections of plain tables in one language: what the PDF prints."""

from datetime import UTC, datetime

import msgspec

from omonat.documents.names import Names
from omonat.rights import HeldValue, PersonFile
from omonat.vault import Certificate


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """One table under a heading. `empty` is said instead when there are no rows."""

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = ""
    widths: tuple[int, ...] = ()


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A document: title, facts about it, sections. `made`: the six numbers of the moment, for the PDF's own date.

    `letter`: the facts stand above the notes, and the sections begin on a page of their own.
    """

    language: str
    title: str
    page: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    made: tuple[int, int, int, int, int, int]
    letter: bool = False


def person_sheet(file: PersonFile, names: Names) -> Sheet:
    """Everything held about one person (clause 7.1 a)."""
    t = names.t
    return Sheet(
        language=names.language,
        title=t("Your data"),
        page=t("page {number} of {count}", number="{number}", count="{count}"),
        facts=(
            (t("Held by"), names.policy.operator.name[names.language]),
            (t("Made on"), names.moment(file.made_at)),
            (t("Policy in force"), file.policy_number),
            (t("Number of the person in our records"), file.subject_id),
        ),
        notes=_notes(file, names),
        sections=(*_values(file, names), *_others(file, names)),
        made=_six(file.made_at),
    )


def _notes(file: PersonFile, names: Names) -> tuple[str, ...]:
    t = names.t
    notes = [t("This is everything that we hold about you at this moment, and what was done with it.")]
    if any(value.masked for value in file.values):
        notes.append(t("Values with dots are not proven to be yours yet. Prove them with a code to see them in full."))
    if file.visit_days:
        notes.append(t("Days on which your visits were counted with your consent: {count}.", count=file.visit_days))
    return tuple(notes)


def _values(file: PersonFile, names: Names) -> tuple[Section, ...]:
    """One table for each purpose, in the order of the policy."""
    t = names.t
    columns = (t("What"), t("Value"), t("Ground"), t("Source"), t("Since"), t("Term"))
    by_purpose: dict[str, list[HeldValue]] = {purpose: [] for purpose in names.policy.purposes}
    for value in file.values:
        by_purpose.setdefault(value.purpose, []).append(value)
    return tuple(
        Section(
            heading=t("Purpose: {purpose}", purpose=names.purpose(purpose)),
            columns=columns,
            rows=tuple(_value_row(value, names) for value in values),
            widths=(4, 6, 4, 4, 4, 5),
        )
        for purpose, values in by_purpose.items()
        if values
    )


def _value_row(value: HeldValue, names: Names) -> tuple[str, ...]:
    return (
        names.field(value),
        names.value(value),
        names.word("ground", value.ground),
        names.source(value.source),
        names.day(value.collected_at),
        kept_until(value, names),
    )


def kept_until(value: HeldValue, names: Names) -> str:
    """The end of the term in words, and the law that keeps the value when one does."""
    until = names.kept_until(value)
    if not value.kept_by_law:
        return until
    return f"{until} ({names.t('kept by {law}', law=names.law(value.kept_by_law))})"


def _others(file: PersonFile, names: Names) -> tuple[Section, ...]:
    return (
        _disclosures(file, names),
        _journal(file, names),
        _consents(file, names),
        _cases(file, names),
        *_contracts(file, names),
        *_holds(file, names),
        *_restrictions(file, names),
    )


def _disclosures(file: PersonFile, names: Names) -> Section:
    t = names.t
    return Section(
        heading=t("Who received your data"),
        empty=t("Nobody."),
        columns=(t("Recipient"), t("Data"), t("Purpose"), t("Ground"), t("When"), t("You were notified")),
        rows=tuple(
            (
                names.recipient(line.recipient),
                names.categories(line.categories),
                names.purpose(line.purpose),
                names.word("ground", line.ground),
                names.moment(line.at),
                names.moment(line.notified_at),
            )
            for line in file.disclosures
        ),
    )


def _journal(file: PersonFile, names: Names) -> Section:
    t = names.t
    return Section(
        heading=t("Who read or used your data"),
        empty=t("Nobody has."),
        columns=(t("Who"), t("What was done"), t("Data"), t("Purpose"), t("When"), t("Reason")),
        rows=tuple(
            (
                names.actor(line.actor),
                names.word("operation", line.operation),
                names.categories(line.categories),
                names.purpose(line.purpose),
                names.moment(line.at),
                names.reason(line.reason),
            )
            for line in file.journal
        ),
    )


def _consents(file: PersonFile, names: Names) -> Section:
    t = names.t
    return Section(
        heading=t("Your consents"),
        empty=t("You have given none."),
        columns=(t("Purpose"), t("How"), t("What happened"), t("When"), t("Valid until"), t("Policy")),
        rows=tuple(
            (
                names.purpose(line.purpose),
                names.channel(line.channel),
                names.word("action", line.word),
                names.moment(line.at),
                names.day(line.expires_at),
                line.policy_number,
            )
            for line in file.consents
        ),
        widths=(8, 4, 4, 5, 5, 3),
    )


def _cases(file: PersonFile, names: Names) -> Section:
    t = names.t
    return Section(
        heading=t("Your cases"),
        empty=t("None."),
        columns=(t("What about"), t("State"), t("Opened"), t("Due"), t("Closed"), t("Number")),
        rows=tuple(
            (
                names.word("case", case.kind),
                names.state(case),
                names.day(case.opened_at),
                names.day(case.due_at),
                names.day(case.closed_at),
                case.case_id,
            )
            for case in file.cases
        ),
    )


def _contracts(file: PersonFile, names: Names) -> tuple[Section, ...]:
    t = names.t
    rows = tuple(
        (line.number or line.contract_id, line.about or "–", names.word("contract", line.state),
         names.day(line.starts_on), names.day(line.ended_on or line.ends_on))
        for line in file.contracts
    )  # fmt: skip
    columns = (t("Number"), t("What about"), t("State"), t("First day"), t("Last day"))
    return (Section(heading=t("Your contracts"), columns=columns, rows=rows),) if rows else ()


def _holds(file: PersonFile, names: Names) -> tuple[Section, ...]:
    t = names.t
    rows = tuple((names.law(h.law), names.purpose(h.purpose), names.day(h.until_on), h.reason) for h in file.holds)
    columns = (t("Law"), t("Purpose"), t("Kept until"), t("Reason"))
    return (Section(heading=t("Kept because a law requires it"), columns=columns, rows=rows),) if rows else ()


def _restrictions(file: PersonFile, names: Names) -> tuple[Section, ...]:
    t = names.t
    rows = tuple(
        (names.word("restriction", kind), names.purpose(purpose), names.moment(since))
        for kind, purpose, since in file.restrictions
    )
    columns = (t("What"), t("Purpose"), t("Since"))
    return (Section(heading=t("What you have stopped"), columns=columns, rows=rows),) if rows else ()


def complaint_sheet(file: PersonFile, text: str, names: Names) -> Sheet:
    """A complaint as a letter to the authority, with everything that is held as its evidence (clause 7.1 d)."""
    t, authority, law = names.t, names.pack.authority, names.pack.law
    whole = person_sheet(file, names)
    operator = names.policy.operator
    return Sheet(
        language=names.language,
        title=t("Complaint"),
        page=whole.page,
        facts=(
            (t("To"), f"{authority.name[names.language]} ({authority.site})"),
            (t("From"), _sender(file, names)),
            (t("Against"), f"{operator.name[names.language]}, {t('STIR')} {operator.stir}"),
            (t("Law"), t("Article 30 of {law}", law=law.name[names.language])),
            (t("Made on"), names.moment(file.made_at)),
        ),
        notes=(
            *(part for part in text.splitlines() if part.strip()),
            t("Evidence: everything that the company says it holds about me, on the pages that follow."),
            t("Signature") + ": ____________________",
        ),
        sections=whole.sections,
        made=whole.made,
        letter=True,
    )


def _sender(file: PersonFile, names: Names) -> str:
    """Name and confirmed addresses, once each; a line to fill in when there are none."""
    known = [
        names.value(value)
        for value in file.values
        if not value.masked and names.kind(value.category) in ("name", "email", "phone")
    ]
    return ", ".join(dict.fromkeys(known)) or "____________________"


def certificate_sheet(certificate: Certificate, names: Names) -> Sheet:
    """What was destroyed: kinds and counts, never a value (clause 7.1 b; Art. 17)."""
    t = names.t
    return Sheet(
        language=names.language,
        title=t("Certificate of destruction"),
        page=t("page {number} of {count}", number="{number}", count="{count}"),
        facts=_certificate_facts(certificate, names),
        notes=(
            t("What is named below was destroyed. It cannot be restored: the keys that sealed it no longer exist."),
        ),
        sections=_certificate_sections(certificate, names),
        made=_six(certificate.finished_at),
    )


def _certificate_facts(certificate: Certificate, names: Names) -> tuple[tuple[str, str], ...]:
    t = names.t
    scope = t("everything held about the person") if certificate.whole else t("a part")
    return (
        (t("Number"), certificate.number),
        (t("Issued by"), names.policy.operator.name[names.language]),
        (t("STIR"), names.policy.operator.stir),
        (t("Begun"), names.moment(certificate.started_at)),
        (t("Finished"), names.moment(certificate.finished_at)),
        (t("Cause"), names.word("trigger", certificate.trigger)),
        (t("Clause of the policy"), certificate.clause),
        (t("Article of the law"), f"{certificate.article}, {names.pack.law.name[names.language]}"),
        (t("Destroyed"), scope),
        (t("Keys destroyed"), str(certificate.keys)),
    )


def _certificate_sections(certificate: Certificate, names: Names) -> tuple[Section, ...]:
    t = names.t
    kinds = tuple((names.category(k), str(count)) for k, count in certificate.records_by_category.items())
    rows = tuple((names.word("row", k), str(count)) for k, count in certificate.rows.items())
    two = (3, 2)
    return (
        Section(heading=t("Kinds of data"), columns=(t("Kind"), t("Count")), rows=kinds, empty=t("None."), widths=two),
        Section(heading=t("Rows"), columns=(t("Kind"), t("Count")), rows=rows, empty=t("None."), widths=two),
        *certificate_state(certificate, names),
    )


def certificate_state(certificate: Certificate, names: Names) -> tuple[Section, ...]:
    """How far it has come in each store, what was found afterwards, and which copies may be left until when."""
    t = names.t
    stores = tuple((names.store(k), names.word("level", how), "–") for k, how in certificate.stores.items())
    levels = tuple(
        (names.store(one.store), names.word("level", one.level), names.moment(one.at)) for one in certificate.levels
    )  # fmt: skip
    windows = tuple(_window(certificate, window, names) for window in certificate.windows)
    where, backups = (t("Store"), t("How"), t("When")), (t("What remains, and for how long"), t("Until"), t("State"))
    return (
        Section(heading=t("Where"), columns=where, rows=levels or stores, empty=t("None."), widths=(2, 3, 2)),
        *_searched(certificate, names),
        Section(heading=t("Backups"), columns=backups, rows=windows, empty=t("None."), widths=(4, 2, 2)),
    )


def _window(certificate: Certificate, window: str, names: Names) -> tuple[str, str, str]:
    end, closed = certificate.window_ends.get(window), certificate.closed.get(window)
    state = names.t("closed {moment}", moment=names.moment(closed.at)) if closed else names.t("open")
    return names.word("window", window), names.moment(end) if end else "–", state


def _searched(certificate: Certificate, names: Names) -> tuple[Section, ...]:
    """What was found afterwards; nothing of it for a certificate from before."""
    found, t = certificate.searched, names.t
    if found is None:
        return ()
    rows = (
        (t("Identifiers that were searched for"), str(found.identifiers)),
        (t("Records found"), str(found.records)),
        (t("Keys found"), str(found.keys)),
        (t("Other people’s forms with the same address or number, which stay"), str(found.others)),
    )
    heads = (t("What was looked for"), t("Count"))
    return (Section(heading=t("Searched again afterwards"), columns=heads, rows=rows, empty=t("None."), widths=(3, 2)),)


def _six(moment: datetime) -> tuple[int, int, int, int, int, int]:
    at = moment.astimezone(UTC)
    return at.year, at.month, at.day, at.hour, at.minute, at.second
