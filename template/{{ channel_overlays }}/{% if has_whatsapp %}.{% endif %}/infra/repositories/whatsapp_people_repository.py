"""The people of the WhatsApp channel in the single table: identities, sessions, locks.

Access patterns (P is the partition key, S the sort key; nothing scans):

    the key of a person         GetItem     P = WHATSAPP#<number or business-scoped id>  S = IDENTITY
    session and lock            UpdateItem  P = WHATSAPP#<person>                        S = SESSION

A person's key is the identifier they were first seen with, so that both of theirs lead to the same
session; the second one, once seen beside the first, becomes an IDENTITY that names that key. Should
both be known as different people already, the number decides, and nothing is merged.

Identities never change once written and are kept in memory: they cost 1 or 2 reads (and, for new
people, as many writes) the first time that this process meets someone. Session and lock are one item:
answering a person costs 2 writes (lock, unlock), 1 more in a new session, and 1 every few seconds of
a long turn.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping

from app.core.ports.whatsapp_inbox import WhatsAppPeople
from domain.dto.chat import Session
from domain.dto.whatsapp import SenderIdentity
from domain.dto.whatsapp_inbox import LockRefused, PersonLock
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
            self._people[sender] = person
            if len(self._people) > _IDENTITIES_IN_MEMORY:
                self._people.popitem(last=False)
        return person

    async def _resolve(self, sender: SenderIdentity) -> str:
        identifiers = [i for i in (sender.phone, sender.business_scoped_id) if i is not None]
        known = await asyncio.gather(*(self._known_person(i) for i in identifiers))
        person = next((p for p in known if p is not None), identifiers[0])
        people = [
            await self._introduce(identifier, person) if before is None else before
            for identifier, before in zip(identifiers, known, strict=True)
        ]
        return people[0]

    async def _known_person(self, identifier: str) -> str | None:
        item = await self._dynamodb.get(_identity_key(identifier))
        return None if item is None else _text(item, "person")

    async def _introduce(self, identifier: str, person: str) -> str:
        """Record whose identifier it is; another process may have been first, then it decides."""
        try:
            await self._dynamodb.put(
                {**_identity_key(identifier).attributes(), "person": person},
                condition="attribute_not_exists(partition_key)",
            )
        except ConditionFailed:
            return await self._known_person(identifier) or person
        return person

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
        )

    async def _refusal(self, person: str) -> LockRefused:
        item = await self._dynamodb.get(_session_key(person)) or {}
        seconds = _number(item, "lock_until") / 1000 - time.time()
        # Whoever answers gives the lock back when they are done, mostly long before it ends.
        if item.get("lock_owner") != _POSTPONED:
            seconds = min(seconds, _LOOK_AGAIN_SECONDS)
        return LockRefused(max(seconds, 0.0))

    async def extend(self, person: str, owner: str, seconds: float) -> None:
        until = _milliseconds(time.time() + seconds)
        await self._change(person, owner, "SET lock_until = :until", {":until": until})

    async def save_session(self, person: str, owner: str, session: Session | None) -> None:
        if session is None:
            await self._change(person, owner, f"REMOVE {', '.join(_SESSION_ATTRIBUTES)}", {})
        else:
            assignments = ", ".join(f"{name} = :{name}" for name in _SESSION_ATTRIBUTES)
            values = {f":{name}": getattr(session, name) for name in _SESSION_ATTRIBUTES}
            await self._change(person, owner, f"SET {assignments}", values)

    async def forget_interruptions(self, person: str, owner: str) -> None:
        await self._change(person, owner, "SET times_taken = :one", {":one": 1})

    async def unlock(self, person: str, owner: str, session: Session | None) -> None:
        release = "REMOVE lock_owner, lock_until, times_taken, failures"
        if session is None:
            await self._change(person, owner, release, {})
        else:
            await self._change(
                person,
                owner,
                f"SET last_activity_at = :last {release}",
                {":last": session.last_activity_at},
            )

    async def postpone(self, person: str, owner: str, failures: int, seconds: float) -> None:
        await self._change(
            person,
            owner,
            "SET failures = :failures, lock_until = :until, lock_owner = :nobody REMOVE times_taken",
            {
                ":failures": failures,
                ":until": _milliseconds(time.time() + seconds),
                ":nobody": _POSTPONED,
            },
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


def _identity_key(identifier: str) -> Key:
    return Key(f"WHATSAPP#{escape_key_part(identifier)}", "IDENTITY")


def _session_key(person: str) -> Key:
    return Key(f"WHATSAPP#{escape_key_part(person)}", "SESSION")


def _to_session(item: Item) -> Session | None:
    if "session_id" not in item:
        return None
    return Session(**{name: _text(item, name) for name in _SESSION_ATTRIBUTES})


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def _text(item: Item, name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _number(item: Item, name: str) -> int:
    value = item.get(name)
    return value if isinstance(value, int) else 0
