# postgresql
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("word", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))
# wanted
import sqlalchemy as sa

metadata = sa.MetaData()
word = sa.Table("word", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))
sa.Index("ix_word_low", sa.func.lower(word.c.text).label("low"), word.c.id.desc(), postgresql_ops={"low": "text_pattern_ops"})
