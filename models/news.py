"""News: which leads `rescore` must look at, so that nobody has to look through all of them."""

from sqlmodel import Field, SQLModel

from models.columns import Key


class News(SQLModel, table=True):
    """Put up with every new fact and every new lead, in the same transaction; taken down by `rescore` when the scores have seen it.

    A row may tell of too many leads, never of too few. No number is ever given again: who takes a row down means the one they have read.
    """

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True, sa_type=Key)
    first: int = Field(sa_type=Key, description="The first lead it tells of, by its id")
    last: int = Field(sa_type=Key, description="The last one; all between them are meant, whoever is there")
