//! What scripts can and cannot reach.

use crate::support::{Notes, Project, printed, run, upgrade};

#[test]
fn the_environment_is_the_one_given() {
    let project = Project::new(&[(
        "a.py",
        "import os\nfrom os import environ, getenv\ndef upgrade():\n    print(os.environ['A'], getenv('B', 'none'), environ.get('HOME'), 'A' in os.environ, sorted(os.environ))\n",
    )]);
    let mut config = project.config();
    config.environment.insert("A".to_owned(), "1".to_owned());
    let mut engine = limbeck_python::Engine::start(config).expect("an engine");
    run(&project, &mut engine, "a.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "1 none None True ['A']\n");
}

#[test]
fn files_of_the_project_can_be_read_and_no_others() {
    let project = Project::new(&[
        (
            "a.py",
            "import os, io, pathlib\nhere = os.path.dirname(__file__)\ndef attempt(f, *a):\n    try:\n        f(*a)\n    except OSError as error:\n        print(type(error).__name__)\n\
             def upgrade():\n    print(open(os.path.join(here, 'data', 'x.sql')).read(), os.listdir(here + '/data'), os.path.exists(here + '/none'))\n    print(pathlib.Path(__file__).parent.joinpath('data/x.sql').read_text())\n\
             \x20   with open('data/x.sql', 'rb') as f:\n        print([line for line in f])\n    print([p.name for p in sorted(pathlib.Path(here, 'data').glob('*.sql'))])\n    attempt(open, '/etc/passwd')\n    attempt(open, here + '/y', 'w')\n    attempt(open, 'none')\n\
             \x20   attempt(os.remove, __file__)\n    attempt(os.system, 'ls')\n    attempt(pathlib.Path('y').write_text, 'x')\n    attempt(io.open, '/etc/passwd')\n    attempt(io.FileIO, '/etc/passwd')\n    attempt(os.listdir, '/')\n    print(os.path.exists('/etc/passwd'))\n",
        ),
        ("data/x.sql", "select 1"),
    ]);
    let result = run(&project, &mut project.engine(), "a.py", &mut Notes::default());
    if let Err(error) = &result {
        panic!("{error}\n{}{}", error.traceback_text(), project.printed());
    }
    assert_eq!(
        project.printed(),
        "select 1 ['x.sql'] False\nselect 1\n[b'select 1']\n['x.sql']\nPermissionError\nPermissionError\nFileNotFoundError\nPermissionError\n\
         PermissionError\nPermissionError\nPermissionError\nPermissionError\nPermissionError\nFalse\n"
    );
}

#[test]
fn processes_sockets_and_input_are_refused() {
    for script in [
        "import subprocess\ndef upgrade():\n    subprocess.run(['ls'])\n",
        "import socket\ndef upgrade():\n    socket.create_connection(('localhost', 80))\n",
        "import ctypes\ndef upgrade():\n    ctypes.CDLL('libc.so.6')\n",
        "def upgrade():\n    input('sure?')\n",
    ] {
        let (result, _) = upgrade(script, &mut Notes::default());
        let error = result.expect_err(script);
        assert!(error.message.contains("migration scripts"), "{error}");
    }
}

#[test]
fn log_records_reach_the_output_by_level() {
    let text = printed(
        "import logging\nlog = logging.getLogger('alembic.x')\nlog.setLevel(logging.INFO)\ndef upgrade():\n    log.info('hello %s', 'you')\n    log.debug('no')\n    logging.getLogger('other').warning('w')\n    logging.getLogger('other').info('no')\n",
    );
    assert_eq!(text, "20 alembic.x: hello you\n30 other: w\n");
}

#[test]
fn random_bytes_are_random() {
    let text = printed(
        "import os, uuid, secrets, random\ndef upgrade():\n    print(len(os.urandom(33)), uuid.uuid4() != uuid.uuid4(), len(secrets.token_hex(4)), 0 <= random.random() < 1)\n",
    );
    assert_eq!(text, "33 True 8 True\n");
}

#[test]
fn a_dotenv_file_sets_what_scripts_see() {
    let project = Project::new(&[
        (
            "a.py",
            "import os\nfrom dotenv import load_dotenv\nload_dotenv()\ndef upgrade():\n    print([os.environ[n] for n in 'ABCDE'], os.getenv('F'))\n",
        ),
        (".env", "# c\nA=1 # note\nexport B='x # y'\nC=\"l1\\nl2\"\n D = ${A}/${NO:-z}\nE=file\nF\n"),
    ]);
    let mut config = project.config();
    config.environment.insert("E".to_owned(), "outside".to_owned());
    let mut engine = limbeck_python::Engine::start(config).expect("an engine");
    run(&project, &mut engine, "a.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "['1', 'x # y', 'l1\\nl2', '1/z', 'outside'] None\n");
}

#[test]
fn versions_compare_as_packaging_compares_them() {
    let text = printed(
        "from packaging.version import Version as V, parse\ndef upgrade():\n    names = '1.0.dev1 1.0a1.dev2 1.0a1 1.0rc1 1.0 1.0+local 1.0.post1 1.1 1!0.1'.split()\n    print([str(v) for v in sorted(map(V, reversed(names)))] == names, V('1.0') == parse('1'), V('2.10') > V('2.9'))\n",
    );
    assert_eq!(text, "True True True\n");
}
