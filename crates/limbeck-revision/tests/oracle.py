#!/usr/bin/env python3
"""Writes random revision graphs with real Alembic's answers, one JSON object a line.

Run by hand with a Python that has Alembic 1.20.1 installed; tests/alembic.rs replays the file:

    python tests/oracle.py --graphs 140 --seed 8 > tests/alembic.jsonl

Some of Alembic's orders come from Python sets, so each question is asked under several hash seeds and all different
answers are kept. A question that Alembic does not finish in two seconds is left out.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys
import types
import warnings

HASH_SEEDS = (1, 2, 3, 4, 5, 6)


# -- the questions -----------------------------------------------------------------------------------------------

def an_id(rng, taken):
    while True:
        size = rng.choice((2, 3, 4, 4, 4, 5, 6))
        text = "".join(rng.choice("abc12") for _ in range(size))
        if text not in taken:
            return text


def a_graph(rng):
    """Revisions as [id, downs, deps, labels], in load order."""
    count = rng.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 18))
    branchy, mergy, deppy, labelly, basey = (rng.choice((0.0, 0.1, 0.3, 0.6)) for _ in range(5))
    ids, revisions = [], []
    for number in range(count):
        new = an_id(rng, ids)
        downs, deps, labels = [], [], []
        if ids and rng.random() > basey * 0.6:
            downs.append(rng.choice(ids[-5:]) if rng.random() < branchy else ids[-1])
            while len(ids) > 1 and rng.random() < mergy and len(downs) < 3:
                other = rng.choice(ids[-6:])
                if other not in downs:
                    downs.append(other)
                else:
                    break
        while ids and rng.random() < deppy * 0.7 and len(deps) < 3:
            other = rng.choice(ids)
            if other not in deps and other not in downs:
                deps.append(other)
            else:
                break
        if rng.random() < labelly * 0.6:
            labels = ["%s%d" % (rng.choice(("left", "right", "x")), number)]
            if rng.random() < 0.2:
                labels.append("also%d" % number)
        known = [label for r in revisions for label in r[3]]
        if known and rng.random() < deppy * 0.3:
            deps.append(rng.choice(known))
        ids.append(new)
        revisions.append([new, downs, deps, labels])
    if revisions and rng.random() < 0.12:
        spoil(rng, revisions, ids)
    if rng.random() < 0.7:
        rng.shuffle(revisions)
    return revisions


def spoil(rng, revisions, ids):
    victim = rng.choice(revisions)
    kind = rng.randrange(8)
    if kind == 0:
        victim[1].append("ghost")
    elif kind == 1:
        victim[2].append("nobody")
    elif kind == 2:
        victim[1].append(victim[0])
    elif kind == 3:
        victim[2].append(victim[0])
    elif kind == 4:
        victim[1] = [ids[-1]] if victim[0] != ids[-1] else victim[1]
    elif kind == 5:
        victim[2] = [ids[-1]] if victim[0] != ids[-1] else victim[2]
    elif kind == 6:
        victim[3] += [rng.choice(ids) if rng.random() < 0.4 else rng.choice(["left0", "x1"])] * rng.choice((1, 2))
    else:
        # Two objects for one id: without labels, whose lookup would find now one and now the other.
        victim[3] = []
        revisions.append(json.loads(json.dumps(victim)))


def a_name(rng, revisions):
    ids = [r[0] for r in revisions]
    labels = [label for r in revisions for label in r[3]]
    pick = rng.random()
    if pick < 0.45 and ids:
        return rng.choice(ids)
    if pick < 0.6 and ids:
        return rng.choice(ids)[: rng.choice((1, 2, 3, 4))]
    if pick < 0.75 and labels:
        return rng.choice(labels)
    return rng.choice(("head", "heads", "base", "zzzz", "head", "heads", "base"))


def a_target(rng, revisions):
    ids = [r[0] for r in revisions]
    labels = [label for r in revisions for label in r[3]]
    steps = rng.choice(("+1", "+2", "+3", "-1", "-2", "-3", "+9", "-9", "+0", "-0"))
    branch = rng.choice(labels) if labels and rng.random() < 0.75 else rng.choice(ids or ["q"])
    return rng.choice((
        "head", "heads", "base", a_name(rng, revisions), a_name(rng, revisions), steps, steps,
        a_name(rng, revisions) + steps, branch + "@head", branch + "@heads", branch + "@base",
        branch + "@" + steps, branch + "@" + a_name(rng, revisions), branch + "@" + a_name(rng, revisions) + steps,
        branch,
    ))


def some_rows(rng, revisions, settled):
    if settled and rng.random() < 0.75:
        return rng.choice(settled)
    ids = [r[0] for r in revisions]
    return rng.sample(ids, min(len(ids), rng.choice((0, 1, 1, 2))))


def some_questions(rng, revisions, settled):
    questions = []
    for _ in range(5):
        questions.append(["revisions", a_target(rng, revisions)])
    for _ in range(2):
        questions.append(["revision", a_target(rng, revisions)])
    questions.append(["history", None, None])
    for _ in range(3):
        ends = [rng.choice((None, a_target(rng, revisions), a_target(rng, revisions))) for _ in range(2)]
        questions.append(["history"] + ends)
    for _ in range(2):
        questions.append(["current", some_rows(rng, revisions, settled)])
    for _ in range(6):
        questions.append(["upgrade", some_rows(rng, revisions, settled), a_target(rng, revisions)])
    for _ in range(7):
        questions.append(["downgrade", some_rows(rng, revisions, settled), a_target(rng, revisions)])
    for _ in range(4):
        targets = [a_target(rng, revisions) for _ in range(rng.choice((1, 1, 1, 2)))]
        questions.append(["stamp", some_rows(rng, revisions, settled), targets])
    return questions


# -- Alembic's answers -------------------------------------------------------------------------------------------

class Hang(Exception):
    pass


def script_directory(revisions):
    from alembic.script import ScriptDirectory
    from alembic.script.base import Script
    from alembic.script.revision import Revision, RevisionMap

    class Fake(Script):
        def __init__(self, rev, downs, deps, labels):
            def upgrade():
                pass

            def downgrade():
                pass

            self.module = types.SimpleNamespace(__doc__="doc of %s\n\nmore" % rev, upgrade=upgrade, downgrade=downgrade)
            self.path = rev + ".py"
            Revision.__init__(self, rev, tuple(downs), dependencies=tuple(deps), branch_labels=tuple(labels))

    directory = ScriptDirectory.__new__(ScriptDirectory)
    directory.revision_map = RevisionMap(lambda: (Fake(*r) for r in revisions))
    return directory


def load_facts(directory):
    m = directory.revision_map
    m._revision_map
    facts = {}
    for key, rev in m._revision_map.items():
        if rev is not None and key == rev.revision:
            facts[key] = [
                sorted(rev.branch_labels), rev.is_head, rev._is_real_head, rev.is_branch_point, rev.is_merge_point,
                sorted(rev._normalized_down_revisions), sorted(rev.nextrev),
            ]
    return {"heads": list(m.heads), "real_heads": list(m._real_heads), "bases": list(m.bases), "revisions": facts}


def run_steps(directory, rows, steps):
    """The steps' texts, and for each step the rows taken away and added and what kinds of change that took."""
    from alembic.runtime.migration import HeadMaintainer

    class Recorder(HeadMaintainer):
        def _insert_version(self, version):
            assert version not in self.heads
            self.heads.add(version)
            log.append(("insert", None, version))

        def _delete_version(self, version):
            self.heads.remove(version)
            log.append(("delete", version, None))

        def _update_version(self, from_, to_):
            assert to_ not in self.heads
            self.heads.remove(from_)
            self.heads.add(to_)
            log.append(("update", from_, to_))

    keeper = Recorder(None, rows)
    out = []
    for step in steps:
        log = []
        try:
            keeper.update_to_step(step)
        except Exception as error:
            # The walk is known, the change of rows is a crash.
            return out + [[str(step), "crash", type(error).__name__]]
        out.append([
            str(step), sorted(x[1] for x in log if x[1]), sorted(x[2] for x in log if x[2]), sorted(x[0] for x in log),
        ])
    return out


def answer(revisions, question):
    from alembic.util import CommandError

    directory = script_directory(revisions)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        signal.alarm(2)
        try:
            kind, args = question[0], question[1:]
            if kind == "load":
                with directory._catch_revision_errors():
                    found = load_facts(directory)
            elif kind == "revisions":
                # `-N` can also give "base" and None here, which is of no use to anybody.
                found = [r.revision for r in directory.get_revisions(args[0]) if r not in (None, "base")]
            elif kind == "revision":
                found = directory.get_revision(args[0])
                found = found and found.revision
            elif kind == "history":
                found = [
                    r.revision for r in directory.walk_revisions(base=args[0] or "base", head=args[1] or "heads")
                ]
            elif kind == "current":
                found = sorted(r.revision for r in directory.get_all_current(tuple(args[0])))
            elif kind == "upgrade":
                rows = tuple(args[0])
                found = run_steps(directory, rows, directory._upgrade_revs(args[1], rows))
            elif kind == "downgrade":
                rows = tuple(args[0])
                found = run_steps(directory, rows, directory._downgrade_revs(args[1], rows))
            elif kind == "stamp":
                rows = tuple(args[0])
                found = run_steps(directory, rows, directory._stamp_revs(tuple(args[1]), rows))
            out = {"ok": found}
        except CommandError as error:
            out = {"error": str(error)}
        except Hang:
            return None
        except Exception as error:
            out = {"crash": "%s: %s" % (type(error).__name__, error)}
        finally:
            signal.alarm(0)
    # Loading is lazy, so other questions may fail before its warnings are given.
    said = [str(w.message) for w in caught if (kind == "load") != str(w.message).startswith("downgrade -1")]
    if kind == "load" or (said and "ok" in out):
        out["warnings"] = said
    return out


def settle(revisions, rng):
    """Row sets that real upgrades and downgrades lead to."""
    settled = [[]]
    names = [r[0] for r in revisions] + ["heads"]
    for _ in range(4):
        rows = []
        for _ in range(rng.choice((1, 2, 3))):
            kind, target = rng.choice(("upgrade", "upgrade", "downgrade")), rng.choice(names)
            found = answer(revisions, [kind, rows, target])
            if not found or "ok" not in found or any(len(step) == 3 for step in found["ok"]):
                break
            now = set(rows)
            for _, taken, added, _ in found["ok"]:
                now = (now - set(taken)) | set(added)
            rows = sorted(now)
        settled.append(rows)
    return settled


def worker():
    def hang(*_):
        raise Hang()

    signal.signal(signal.SIGALRM, hang)
    for line in sys.stdin:
        task = json.loads(line)
        if "settle" in task:
            print(json.dumps(settle(task["revisions"], random.Random(task["settle"]))))
        else:
            print(json.dumps([answer(task["revisions"], q) for q in task["questions"]]))
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graphs", type=int, default=140)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worker", action="store_true")
    args = parser.parse_args()
    if args.worker:
        return worker()
    workers = [
        subprocess.Popen([sys.executable, __file__, "--worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True, env=dict(os.environ, PYTHONHASHSEED=str(seed)))
        for seed in HASH_SEEDS
    ]

    def ask(who, task):
        who.stdin.write(json.dumps(task) + "\n")
        who.stdin.flush()

    rng = random.Random(args.seed)
    for number in range(args.graphs):
        revisions = a_graph(rng)
        ask(workers[0], {"revisions": revisions, "settle": number})
        settled = json.loads(workers[0].stdout.readline())
        questions = [["load"]]
        ask(workers[0], {"revisions": revisions, "questions": questions})
        first = json.loads(workers[0].stdout.readline())[0]
        if first and "ok" in first:
            questions += some_questions(rng, revisions, settled)
        for who in workers:
            ask(who, {"revisions": revisions, "questions": questions})
        answers = [json.loads(who.stdout.readline()) for who in workers]
        asked = []
        for question, given in zip(questions, zip(*answers)):
            if None in given:
                continue
            outcomes = []
            for one in given:
                if one not in outcomes:
                    outcomes.append(one)
            asked.append([question, outcomes])
        print(json.dumps({"revisions": revisions, "asked": asked}, separators=(",", ":")))
    for who in workers:
        who.stdin.close()
        who.wait()


if __name__ == "__main__":
    main()
