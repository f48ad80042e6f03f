"""What identity's desk offers."""

from __future__ import annotations

from flask_core.contracts import data_desk
from flask_core.operations import Caller, Endpoints
from identity_core_module_flask.desk.passes import DeskPasses
from identity_core_module_flask.desk.service import Desk


def desk_endpoints(desk: Desk, passes: DeskPasses, public_key: str) -> Endpoints:
    """Operations of the desk."""
    api = Endpoints()
    _about_requests(api, desk)

    @api.offers(data_desk.ENTER)
    async def enter(asked: data_desk.DeskLink, _: Caller) -> data_desk.DeskPass:
        return await passes.enter(asked.token)

    @api.offers(data_desk.VERIFY_PASS)
    async def verify(asked: data_desk.PassSecret, _: Caller) -> data_desk.DeskPass:
        return await passes.verify(asked.secret)

    @api.offers(data_desk.RECEIPT_KEY)
    async def key(_: data_desk.Nothing, __: Caller) -> data_desk.ReceiptKey:
        return data_desk.ReceiptKey(public_key)

    return api


def _about_requests(api: Endpoints, desk: Desk) -> None:
    @api.offers(data_desk.DESK)
    async def show(_: data_desk.Nothing, caller: Caller) -> data_desk.Desk:
        return await desk.show(caller.person.person_id)

    @api.offers(data_desk.ASK_EXPORT)
    async def ask_export(_: data_desk.Nothing, caller: Caller) -> data_desk.DeskRequest:
        return await desk.ask_export(caller.person.person_id)

    @api.offers(data_desk.FETCH_EXPORT)
    async def fetch(asked: data_desk.RequestNumber, caller: Caller) -> data_desk.ExportFile:
        return await desk.file(caller.person.person_id, asked.number)

    @api.offers(data_desk.ASK_ERASE)
    async def ask_erase(asked: data_desk.AskErase, caller: Caller) -> data_desk.DeskRequest:
        return await desk.ask_erase(caller.person.person_id, asked.word)

    @api.offers(data_desk.CALL_OFF)
    async def call_off(asked: data_desk.RequestNumber, _: Caller) -> data_desk.DeskRequest:
        return await desk.call_off(asked.number)

    @api.offers(data_desk.REQUEST)
    async def request(asked: data_desk.RequestNumber, _: Caller) -> data_desk.DeskRequest:
        return await desk.request(asked.number)
