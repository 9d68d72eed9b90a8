"""`GET /v1/models`: which models there are, by our names and by OpenAI's."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from pansori.api.contracts.openai_audio._names import Listed, NoSuchModel, listed
from pansori.api.contracts.openai_audio._shape import OpenaiRoute, refuses
from pansori.api.deps import OwnerDep, ServicesDep
from pansori.api.routing import Router
from pansori.domain.errors import Text

NO_SUCH_MODEL = Text("There is no such model.", "그런 모델은 없어요.")
OWNED_BY = "pansori"

router = Router(prefix="/v1/models", tags=["openai_audio"], route_class=OpenaiRoute)


class OpenaiModel(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int = Field(default=0, description="Not known.")
    owned_by: str = OWNED_BY
    engine: str = Field(description="Who does the work, as in `/v1/engines`.")


class OpenaiModels(BaseModel):
    object: Literal["list"] = "list"
    data: list[OpenaiModel]


@router.get("", response_model=OpenaiModels, responses=refuses())
def models(services: ServicesDep, owner: OwnerDep) -> OpenaiModels:
    """Every model that can be used now, and OpenAI's names for the installation's own."""
    return OpenaiModels(data=[_told(one) for one in listed(services)])


@router.get("/{model:path}", response_model=OpenaiModel, responses=refuses())
def model(model: str, services: ServicesDep, owner: OwnerDep) -> OpenaiModel:
    found = next((one for one in listed(services) if one.id == model), None)
    if found is None:
        raise NoSuchModel(NO_SUCH_MODEL, field="model")
    return _told(found)


def _told(one: Listed) -> OpenaiModel:
    return OpenaiModel(id=one.id, engine=one.engine)
