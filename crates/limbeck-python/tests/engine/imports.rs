//! Modules of the project, of the library, and those that are not there.

use crate::support::{Notes, Project, printed, run, upgrade};
use limbeck_python::ScriptErrorKind;

#[test]
fn project_modules_load_as_in_python() {
    let project = Project::new(&[
        (
            "a.py",
            "from app.models import user\nimport app.models.post as post\nimport tools\nfrom space.inner import value\ndef upgrade():\n    print(user.NAME, post.NAME, tools.__name__, value, post.__package__)\n",
        ),
        ("app/__init__.py", "from . import base\n"),
        ("app/base.py", "NAME = 'base'\n"),
        ("app/models/__init__.py", ""),
        (
            "app/models/user.py",
            "from ..base import NAME as B\nfrom .post import NAME as P\nNAME = 'user+' + B + '+' + P\n",
        ),
        ("app/models/post.py", "NAME = 'post'\n"),
        ("tools.py", ""),
        ("space/inner.py", "value = 7\n"),
    ]);
    run(&project, &mut project.engine(), "a.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "user+base+post post tools 7 app.models\n");
}

#[test]
fn a_missing_package_is_harmless_until_it_is_used() {
    let text = printed(
        "import nowhere\nfrom nowhere.sub import thing, other as o\nimport nowhere.deep.er as d\nX = {'a': thing, 'b': o.x.y(d)}\nclass C(thing):\n    y = d.z(1)\n\
         @nowhere.deco(1)\ndef f():\n    pass\ndef upgrade():\n    print([type(x).__name__ for x in (thing, d, nowhere.x.y, X['b'], C, f)])\n",
    );
    assert_eq!(text, format!("[{}]\n", ["'Deferred'"; 6].join(", ")));
    let (result, _) = upgrade("x = 1\nfrom nowhere.sub import thing\ndef upgrade():\n    thing(1)\n", &mut Notes::default());
    let error = result.expect_err("an error");
    assert_eq!(error.kind, ScriptErrorKind::MissingPackage);
    let missing = error.missing.expect("named");
    assert_eq!((missing.module.as_str(), missing.line), ("nowhere.sub.thing", 2));
    assert!(error.message.starts_with("this script needs the package `nowhere`"), "{}", error.message);
    assert_eq!(error.place.expect("a place").line, 4);
}

#[test]
fn code_that_is_prepared_for_a_missing_package_sees_pythons_error() {
    let text = printed(
        "import contextlib\ntry:\n    import nowhere\nexcept ImportError:\n    nowhere = None\nwith contextlib.suppress(ImportError):\n    import nowhere2\n    print('no')\n\
         def upgrade():\n    try:\n        from nowhere.x import y\n    except (KeyError, ModuleNotFoundError) as error:\n        print(nowhere, error)\n",
    );
    assert_eq!(text, "None No module named 'nowhere'\n");
}

#[test]
fn a_missing_module_of_the_project_is_an_error() {
    let project = Project::new(&[("a.py", "from app import gone\ndef upgrade():\n    print(gone)\n"), ("app/__init__.py", "")]);
    let error = run(&project, &mut project.engine(), "a.py", &mut Notes::default()).expect_err("an error");
    assert_eq!(error.exception, "ImportError");
    assert!(error.message.contains("cannot import name 'gone' from 'app'"), "{}", error.message);
}

#[test]
fn an_error_while_importing_has_the_whole_chain() {
    let project = Project::new(&[
        ("a.py", "import one\nprint(one)\ndef upgrade():\n    pass\n"),
        ("one.py", "import two\ntwo.f()\n"),
        ("two.py", "\n\nX = 1 / 0\n"),
    ]);
    let error = run(&project, &mut project.engine(), "a.py", &mut Notes::default()).expect_err("an error");
    let lines: Vec<u32> = error.traceback.iter().map(|frame| frame.line).collect();
    assert_eq!((error.exception.as_str(), lines), ("ZeroDivisionError", vec![1, 1, 3]));
}

#[test]
fn importlib_finds_the_same_modules() {
    let project = Project::new(&[
        (
            "a.py",
            "import importlib\nimport importlib.util\ndef upgrade():\n    print(importlib.import_module('app.x').V, importlib.import_module('.x', 'app').V)\n    print(importlib.util.find_spec('nowhere'), importlib.util.find_spec('app').origin[-11:])\n    try:\n        importlib.import_module('nowhere')\n    except ImportError as error:\n        print(error)\n",
        ),
        ("app/__init__.py", ""),
        ("app/x.py", "V = 5\n"),
    ]);
    run(&project, &mut project.engine(), "a.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "5 5\nNone __init__.py\nNo module named 'nowhere'\n");
}

#[test]
fn the_library_is_there() {
    let text = printed(
        "def upgrade():\n    for name in '''json uuid datetime re enum dataclasses hashlib decimal typing collections itertools functools contextlib base64 random\n            secrets csv io traceback inspect urllib.parse threading pickle argparse configparser zlib gzip logging logging.config pathlib textwrap string\n            copy math time calendar operator types abc warnings weakref collections.abc concurrent.futures binascii struct statistics zoneinfo tempfile shutil\n            pkgutil importlib.util asyncio subprocess socket html unicodedata heapq bisect numbers fractions pprint queue locale platform glob fnmatch signal'''.split():\n        try:\n            module = __import__(name)\n            if 'Deferred' in type(module).__name__:\n                print(name, 'deferred')\n        except BaseException as error:\n            print(name, type(error).__name__, error)\n",
    );
    assert_eq!(text, "");
}

#[test]
fn the_application_is_loaded_by_the_function_that_uses_it() {
    let project = Project::new(&[
        (
            "a.py",
            "from app.heavy import thing\nfrom app import unused\nimport app.heavy as h\n\ndef upgrade():\n    pass\n\ndef downgrade():\n    print(thing, h.thing)\n",
        ),
        ("app/__init__.py", "print('app')\n"),
        ("app/heavy.py", "print('heavy')\nthing = 5\n"),
        ("app/unused.py", "print('unused')\n"),
    ]);
    let mut engine = project.engine();
    run(&project, &mut engine, "a.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "");
    engine
        .run_revision(
            &project.path("a.py"),
            limbeck_python::Direction::Downgrade,
            &serde_json::Map::new(),
            &limbeck_python::RunContext::default(),
            &mut Notes::default(),
        )
        .expect("a clean run");
    assert_eq!(project.printed(), "app\nheavy\n5 5\n");
}

#[test]
fn names_that_sank_are_still_there_for_others() {
    let project = Project::new(&[
        (
            "a.py",
            "import db\nfrom db import Session, t\nfrom db import *\nfrom db import nothing\nnothing\nX = Session, t.SUB, Extra, db.pack\n\ndef upgrade():\n    print(X[0], X[1], X[2], X[3].sub.SUB)\n",
        ),
        (
            "db.py",
            "from tools import Session, Extra\nimport pack.sub as t\nimport pack.sub\ndef f():\n    return Session, t, Extra, pack\n",
        ),
        ("tools.py", "Session = 'S'\nExtra = 'E'\n"),
        ("pack/__init__.py", ""),
        ("pack/sub.py", "SUB = 1\n"),
    ]);
    let error = run(&project, &mut project.engine(), "a.py", &mut Notes::default()).expect_err("an error");
    assert!(error.message.contains("cannot import name 'nothing' from 'db'"), "{error}");
    let text = std::fs::read_to_string(project.path("a.py")).expect("text");
    project.write("a.py", &text.replace("from db import nothing\nnothing\n", ""));
    run(&project, &mut project.engine(), "a.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "S 1 E 1\n");
}

#[test]
fn an_import_for_its_effects_may_lack_a_package() {
    let project = Project::new(&[
        ("a.py", "import models\nprint('after', models.X)\ndef upgrade():\n    pass\n"),
        ("models.py", "import broken\nfrom fine import y\nimport ok\nX = 1\n"),
        ("broken.py", "import nowhere\nnowhere.setup()\n"),
        ("fine.py", "y = 1\n"),
        ("ok.py", "print('ok')\n"),
    ]);
    run(&project, &mut project.engine(), "a.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "ok\nafter 1\n");
}

#[test]
fn what_a_script_does_with_a_missing_package_is_not_skipped() {
    for script in [
        "import nowhere\nnowhere.load()\ndef upgrade():\n    pass\n",
        "import nowhere\nx = nowhere.load()\ndef upgrade():\n    if x:\n        pass\n",
        "import nowhere\nx = nowhere.load()\ndef upgrade():\n    print(x)\n",
        "import nowhere\nx = nowhere.load()\ndef upgrade():\n    x.y.z(1)\n",
        "import nowhere\ndef g():\n    return nowhere.x()\nx = g()\ndef upgrade():\n    pass\n",
        "import nowhere\ndef upgrade():\n    class C(nowhere.B):\n        pass\n",
        "import nowhere\ndef upgrade():\n    nowhere.x = 1\n",
    ] {
        let (result, _) = upgrade(script, &mut Notes::default());
        let error = result.expect_err(script);
        assert_eq!(error.kind, ScriptErrorKind::MissingPackage, "{script}");
    }
}

#[test]
fn an_application_may_set_up_what_a_migration_does_not_use() {
    let project = Project::new(&[
        ("a.py", "from app import VALUE\ndef upgrade():\n    print(VALUE)\n"),
        (
            "app.py",
            "import flask\napp = flask.Flask(__name__)\ndef configure(app):\n    app.config['x'] = flask.y + 1\n    app.register(1)\nconfigure(app)\napp.z = 1\nVALUE = 3\n",
        ),
    ]);
    run(&project, &mut project.engine(), "a.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "3\n");
}

#[test]
fn what_a_module_can_give_without_a_package_it_gives() {
    let project = Project::new(&[
        (
            "a.py",
            "import app\nfrom app import Kind, after, opts\ndef upgrade():\n    print(Kind.A.name, after(), app.LATE)\ndef downgrade():\n    print(opts)\n",
        ),
        (
            "app.py",
            "import enum\nfrom oslo import options\nimport nowhere\nopts = [o for o in options.all if o.x]\nif nowhere.__version__ != '1':\n    print('no')\nclass Kind(enum.Enum):\n    A = 1\n\
             n = int(nowhere.y)\ndef after():\n    return 'after'\nLATE = 'late'\n",
        ),
    ]);
    let mut engine = project.engine();
    run(&project, &mut engine, "a.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "A after late\n");
    let error = engine
        .run_revision(
            &project.path("a.py"),
            limbeck_python::Direction::Downgrade,
            &serde_json::Map::new(),
            &limbeck_python::RunContext::default(),
            &mut Notes::default(),
        )
        .expect_err("an error");
    assert_eq!(error.kind, ScriptErrorKind::MissingPackage);
    assert!(error.message.contains("needs the package `oslo`"), "{error}");
}

#[test]
fn an_error_of_the_application_itself_is_not_passed_over() {
    let project = Project::new(&[("a.py", "import app\ndef upgrade():\n    print(app.X)\n"), ("app.py", "Y = {}['x']\nX = 1\n")]);
    let error = run(&project, &mut project.engine(), "a.py", &mut Notes::default()).expect_err("an error");
    assert_eq!(error.exception, "KeyError");
}

#[test]
fn a_package_may_import_its_own_modules_for_its_functions() {
    let project = Project::new(&[
        ("a.py", "import p\nfrom p import x\ndef upgrade():\n    print(p.f(), p.x.V, x.V)\n"),
        ("p/__init__.py", "from . import x\nfrom p import y\ndef f():\n    return x.V, y.V\n"),
        ("p/x.py", "V = 1\n"),
        ("p/y.py", "V = 2\n"),
    ]);
    run(&project, &mut project.engine(), "a.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "(1, 2) 1 1\n");
}

#[test]
fn enumerations_of_generated_protobuf_modules_have_their_values() {
    // enum Status { UNKNOWN = 0; READY = 2; OLD = -1; } and message Box { enum Kind { A = 1; } }
    let serialized = "b'\\n\\x07x.proto*\\x32\\n\\x06Status\\x12\\x0b\\n\\x07UNKNOWN\\x10\\x00\\x12\\t\\n\\x05READY\\x10\\x02\\x12\\x10\\n\\x03OLD\\x10\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x01\"\\x14\\n\\x03Box\"\\x0d\\n\\x04Kind\\x12\\x05\\n\\x01A\\x10\\x01'";
    let module = format!(
        "from google.protobuf import descriptor as _descriptor\nfrom google.protobuf import descriptor_pool as _descriptor_pool\n\
         from google.protobuf.internal import builder as _builder\nfrom google.protobuf import duration_pb2 as d\n\
         DESCRIPTOR = _descriptor_pool.Default().AddSerializedFile({serialized})\n_globals = globals()\n\
         _builder.BuildMessageAndEnumDescriptors(DESCRIPTOR, _globals)\n_builder.BuildTopDescriptorsAndMessages(DESCRIPTOR, 'x_pb2', _globals)\n\
         if not _descriptor._USE_C_DESCRIPTORS:\n  _globals['_STATUS']._serialized_start=1\n"
    );
    let project = Project::new(&[
        (
            "a.py",
            "from x_pb2 import Status, READY, Box\nimport google.cloud.storage\ndef upgrade():\n    print(Status.items(), Status.Name(2), READY, Status.OLD, Box.A)\n",
        ),
        ("x_pb2.py", &module),
    ]);
    run(&project, &mut project.engine(), "a.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "[('UNKNOWN', 0), ('READY', 2), ('OLD', -1)] READY 2 -1 1\n");
}
