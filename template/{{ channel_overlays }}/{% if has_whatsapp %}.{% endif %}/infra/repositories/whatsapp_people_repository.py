"""The people of the WhatsApp channel in the single table: identities, sessions, locks.

Access patterns (P is the partition key, S the sort key; nothing scans):

    the key of a person         GetItem     P = WHATSAPP#<number or business-scoped id>  S = IDENTITY
    session, lock, last answers UpdateItem  P = WHATSAPP#<person>                        S = SESSION

A person's key is the identifier they were first seen with, so that both of theirs lead to the same
session; the second one, once seen beside the first, becomes an IDENTITY that names that key. Should
both be known as different people already, the number decides, and nothing is merged. A number that was
only seen alone needs no IDENTITY: its SESSION tells that somebody is known by it.

A number is passed on from one human to another, a business-scoped id never is. So the IDENTITY of a
number bears the business-scoped id it was seen with: another one means another person, who gets
nothing of the former's, and the number is theirs from then on. Where Meta tells that someone has a new
number or id, these become theirs, and the IDENTITY of their key tells how they are reached now.

Who someone with a business-scoped id is, is kept in memory: it costs 1 or 2 reads (and, for new
people, as many writes) the first time that this process meets them. Who has only a number costs 1 read
with each message. Session, lock and the answers
sent last, which reactions are found by, are one item: answering a person costs 2 writes (lock, unlock),
1 more in a new session, and 1 every few seconds of a long turn.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping

from app.core.ports.whatsapp_inbox import WhatsAppPeople
from domain.dto.chat import Session
from domain.dto.whatsapp import IdentityChange, SenderIdentity, is_business_scoped_id
from domain.dto.whatsapp_inbox import LockRefused, PersonLock
from domain.dto.whatsapp_sent import RecentAnswers
from domain.exceptions.storage import ConditionFailed
from domain.keys import escape_key_part
from infra.dynamodb.dynamodb_client import DynamoDBClient, Item, Key, Value

# A session is over after 24 hours without a message, but what was handed over stays with the operator,
# however long the person is away.
_RETENTION_SECONDS = 400 * 24 * 3600
_IDENTITIES_IN_MEMORY = 10_000
_LOOK_AGAIN_SECONDS = 2.0

_SESSION_ATTRIBUTES = ("chat_id", "session_id", "user_id", "started_at", "last_activity_at")
_HELD_BY_OWNER = "lock_owner = :owner"
# No process is called so: until its time has passed, a postponed person is nobody's.
_POSTPONED = "postponed"


class WhatsAppPeopleRepository(WhatsAppPeople):
    """WhatsAppPeople on DynamoDB."""

    def __init__(self, dynamodb: DynamoDBClient) -> None:
        self._dynamodb = dynamodb
        self._people: OrderedDict[SenderIdentity, str] = OrderedDict()

    async def person_of(self, sender: SenderIdentity) -> str:
        person = self._people.get(sender)
        if person is None:
            person = await self._resolve(sender)
            # A number alone may be passed on at any time.
            if sender.business_scoped_id is not None:
                self._people[sender] = person
            if len(self._people) > _IDENTITIES_IN_MEMORY:
                self._people.popitem(last=False)
        return person

    async def link(self, change: IdentityChange) -> None:
        known = await asyncio.gather(*(self._met_as(identifier) for identifier in change.before))
        person = next((p for p in known if p is not None), None)
        if person is None:
            return
        number, user_id = change.after.phone, change.after.business_scoped_id
        if user_id is not None:
            await self._introduce(user_id, person)
        if number is not None:
            await self._introduce(number, person, user_id)
        await self._dynamodb.update(
            _identity_key(person),
            "SET phone_now = :number, business_scoped_id_now = :user_id",
            {":number": number, ":user_id": user_id},
            returned="NONE",
        )

    async def address_of(self, person: str) -> SenderIdentity | None:
        item = await self._dynamodb.get(_identity_key(person)) or {}
        number, user_id = _text(item, "phone_now"), _text(item, "business_scoped_id_now")
        if number or user_id:
            return SenderIdentity(number or None, user_id or None)
        if is_business_scoped_id(person):
            return SenderIdentity(business_scoped_id=person)
        return SenderIdentity(person) if _text(item, "person") in ("", person) else None

    async def _resolve(self, sender: SenderIdentity) -> str:
        phone, user_id = sender.phone, sender.business_scoped_id
        if phone is not None and user_id is not None:
            return await self._resolve_both(phone, user_id)
        if user_id is not None:
            return await self._known_person(user_id) or await self._introduce(user_id, user_id)
        number = phone or ""
        return await self._known_person(number) or number

    async def _resolve_both(self, phone: str, user_id: str) -> str:
        number, scoped = await asyncio.gather(
            self._dynamodb.get(_identity_key(phone)), self._dynamodb.get(_identity_key(user_id))
        )
        if number is None and scoped is None:
            # Either alone leads to the same person, should the process end in between.
            person, _ = await asyncio.gather(
                self._introduce(phone, phone, user_id), self._introduce(user_id, phone)
            )
            return person
        owner = _text(number or {}, "business_scoped_id")
        if owner and owner != user_id and not _is_of_portfolio(user_id):
            person = _text(scoped or {}, "person") or await self._introduce(user_id, user_id)
            await self._pass_on(phone, owner, person, user_id)
            return person
        person = _text(number or scoped or {}, "person") or phone
        if number is None:
            person = phone if await self._has_session(phone) else person
            return await self._introduce(phone, person, user_id)
        if scoped is None:
            await self._introduce(user_id, person)
        if not owner and not _is_of_portfolio(user_id):
            await self._pass_on(phone, None, person, user_id)
        return person

    async def _known_person(self, identifier: str) -> str | None:
        item = await self._dynamodb.get(_identity_key(identifier))
        # Of a number that was only seen alone it may say no more than how the person is reached now.
        return None if item is None else _text(item, "person") or identifier

    async def _met_as(self, identifier: str) -> str | None:
        """Return whose identifier it is; None if nobody is known by it."""
        person = await self._known_person(identifier)
        if person is None and await self._has_session(identifier):
            return identifier
        return person

    async def _has_session(self, person: str) -> bool:
        return await self._dynamodb.get(_session_key(person)) is not None

    async def _introduce(self, identifier: str, person: str, user_id: str | None = None) -> str:
        """Record whose identifier it is; another process may have been first, then it decides.

        Args:
            user_id: the business-scoped id of the person, where the identifier is their number.
        """
        item: Item = {**_identity_key(identifier).attributes(), "person": person}
        if user_id is not None and not _is_of_portfolio(user_id):
            item["business_scoped_id"] = user_id
        try:
            await self._dynamodb.put(item, condition="attribute_not_exists(partition_key)")
        except ConditionFailed:
            return await self._known_person(identifier) or person
        return person

    async def _pass_on(self, number: str, owner: str | None, person: str, user_id: str) -> None:
        """Record who has the number now; if another process was first, its word stands."""
        try:
            await self._dynamodb.update(
                _identity_key(number),
                "SET person = :person, business_scoped_id = :user_id",
                {":person": person, ":user_id": user_id, **({":owner": owner} if owner else {})},
                condition=(
                    "business_scoped_id = :owner"
                    if owner
                    else "attribute_not_exists(business_scoped_id)"
                ),
                returned="NONE",
            )
        except ConditionFailed:
            return

    async def lock(self, person: str, owner: str, seconds: float) -> PersonLock | LockRefused:
        now = time.time()
        try:
            item = await self._dynamodb.update(
                _session_key(person),
                "SET lock_owner = :owner, lock_until = :until, expires_at = :expires_at"
                " ADD times_taken :one",
                {
                    ":owner": owner,
                    ":now": _milliseconds(now),
                    ":until": _milliseconds(now + seconds),
                    ":expires_at": int(now) + _RETENTION_SECONDS,
                    ":one": 1,
                },
                condition="attribute_not_exists(lock_until) OR lock_until < :now"
                " OR lock_owner = :owner",
            )
        except ConditionFailed:
            return await self._refusal(person)
        return PersonLock(
            person=person,
            session=_to_session(item),
            interrupted=_number(item, "times_taken") - 1,
            failures=_number(item, "failures"),
            answers=_answers(item),
        )

    async def _refusal(self, person: str) -> LockRefused:
        item = await self._dynamodb.get(_session_key(person)) or {}
        seconds = _number(item, "lock_until") / 1000 - time.time()
        # Whoever answers gives the lock back when they are done, mostly long before it ends.
        if item.get("lock_owner") != _POSTPONED:
            seconds = min(seconds, _LOOK_AGAIN_SECONDS)
        return LockRefused(max(seconds, 0.0))

    async def answers_of(self, person: str) -> RecentAnswers:
        return _answers(await self._dynamodb.get(_session_key(person)) or {})

    async def extend(
        self, person: str, owner: str, seconds: float, answers: RecentAnswers | None = None
    ) -> None:
        until = _milliseconds(time.time() + seconds)
        await self._assign(person, owner, {"lock_until": until}, answers)

    async def save_session(self, person: str, owner: str, session: Session | None) -> None:
        if session is None:
            await self._change(person, owner, f"REMOVE {', '.join(_SESSION_ATTRIBUTES)}", {})
        else:
            assignments = ", ".join(f"{name} = :{name}" for name in _SESSION_ATTRIBUTES)
            values = {f":{name}": getattr(session, name) for name in _SESSION_ATTRIBUTES}
            await self._change(person, owner, f"SET {assignments}", values)

    async def forget_interruptions(self, person: str, owner: str) -> None:
        await self._change(person, owner, "SET times_taken = :one", {":one": 1})

    async def unlock(
        self,
        person: str,
        owner: str,
        session: Session | None,
        answers: RecentAnswers | None = None,
    ) -> None:
        last = {} if session is None else {"last_activity_at": session.last_activity_at}
        release = "REMOVE lock_owner, lock_until, times_taken, failures"
        await self._assign(person, owner, last, answers, release)

    async def postpone(
        self,
        person: str,
        owner: str,
        failures: int,
        seconds: float,
        answers: RecentAnswers | None = None,
    ) -> None:
        values: dict[str, Value] = {
            "failures": failures,
            "lock_until": _milliseconds(time.time() + seconds),
            "lock_owner": _POSTPONED,
        }
        await self._assign(person, owner, values, answers, "REMOVE times_taken")

    async def _assign(
        self,
        person: str,
        owner: str,
        values: Mapping[str, Value],
        answers: RecentAnswers | None,
        removal: str = "",
    ) -> None:
        """Set attributes, among them the answers if there are any new ones, and remove others."""
        noted: dict[str, Value] = {} if answers is None else {"answers": answers.to_text()}
        assigned = {**values, **noted}
        assignments = ", ".join(f"{name} = :{name}" for name in assigned)
        expression = f"SET {assignments} {removal}" if assigned else removal
        await self._change(
            person, owner, expression, {f":{name}": value for name, value in assigned.items()}
        )

    async def _change(
        self, person: str, owner: str, expression: str, values: Mapping[str, Value]
    ) -> None:
        await self._dynamodb.update(
            _session_key(person),
            expression,
            {**values, ":owner": owner},
            condition=_HELD_BY_OWNER,
        )


def _is_of_portfolio(user_id: str) -> bool:
    """Tell whether it is a parent id: someone has it beside their own, of which it says nothing."""
    return user_id[2:].startswith(".ENT.")


def _identity_key(identifier: str) -> Key:
    return Key(f"WHATSAPP#{escape_key_part(identifier)}", "IDENTITY")


def _session_key(person: str) -> Key:
    return Key(f"WHATSAPP#{escape_key_part(person)}", "SESSION")


def _to_session(item: Item) -> Session | None:
    if "session_id" not in item:
        return None
    return Session(**{name: _text(item, name) for name in _SESSION_ATTRIBUTES})


def _answers(item: Item) -> RecentAnswers:
    return RecentAnswers.from_text(_text(item, "answers"))


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def _text(item: Item, name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _number(item: Item, name: str) -> int:
    value = item.get(name)
    return value if isinstance(value, int) else 0
