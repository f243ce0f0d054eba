"""Who may ask: the exporter-toolkit's file, and jmx_exporter's httpServer section."""

import pytest
from fake_syntax import FakeSyntax

from jmx_bridge.config import StoreConfig, parse_config
from jmx_bridge.config.web.schema import (
    OPEN,
    Pem,
    RateLimit,
    Secret,
    ServerTls,
    WebConfig,
)
from jmx_bridge.config.web.toolkit import load_web_config, parse_web_config
from jmx_bridge.errors import ConfigError

BCRYPT = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG"
TLS = "tls_server_config: {cert_file: c.pem, key_file: k.pem"


def toolkit(text):
    return parse_web_config(text, "/etc/web.yml")


def section(text, **environ):
    config = parse_config(
        f"hostPort: a:1\nhttpServer: {text}\n",
        "f.yml",
        syntax=FakeSyntax(),
        environ=environ,
    )
    return config.http_server, [str(problem) for problem in config.warnings]


def refusal(parse, text):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "rate_limit:\n", "basic_auth_users:\n"])
def test_an_empty_file_lets_anybody_in(text):
    assert toolkit(text) == WebConfig("/etc/web.yml")
    assert toolkit(text).files() == ("/etc/web.yml",)


def test_a_whole_file():
    config = toolkit(
        "tls_server_config:\n"
        "  cert_file: server.pem\n"
        "  key: inline\n"
        "  client_auth_type: RequireAndVerifyClientCert\n"
        "  client_ca_file: /ca.pem\n"
        "  client_allowed_sans: [prometheus]\n"
        "  min_version: TLS13\n"
        "  max_version: TLS13\n"
        "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n"
        "  prefer_server_cipher_suites: false\n"
        "  curve_preferences: [CurveP256]\n"
        "http_server_config: {http2: true, headers: {X-Frame-Options: deny}}\n"
        f"basic_auth_users: {{prom: '{BCRYPT}'}}\n"
        "rate_limit: {interval: 1s500ms, burst: 3}\n"
    )

    assert config == WebConfig(
        "/etc/web.yml",
        ServerTls(
            Pem("/etc/server.pem"),
            Pem(text="inline"),
            client="required",
            client_ca=Pem("/ca.pem"),
            client_names=("prometheus",),
            lowest="TLS13",
            highest="TLS13",
            ciphers=("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",),
            server_chooses=False,
            curve="prime256v1",
        ),
        (("X-Frame-Options", "deny"),),
        (("prom", Secret("bcrypt", BCRYPT)),),
        RateLimit(1.5, 3),
    )
    assert config.files() == ("/etc/web.yml", "/etc/server.pem", "/ca.pem")
    assert "inline" not in repr(config)
    assert BCRYPT not in repr(config)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (ServerTls(Pem("/etc/c.pem"), Pem("/etc/k.pem")), f"{TLS}}}"),
        (None, "tls_server_config:\n"),
        (None, "tls_server_config: {}\n"),
        (
            ServerTls(Pem("/etc/c.pem"), Pem("/etc/k.pem"), client="optional"),
            f"{TLS}, client_auth_type: VerifyClientCertIfGiven}}",
        ),
        (
            ServerTls(Pem("/etc/c.pem"), Pem("/etc/k.pem")),
            f"{TLS}, client_auth_type: NoClientCert, curve_preferences: []}}",
        ),
    ],
)
def test_tls_has_defaults(expected, text):
    assert expected == toolkit(text).tls


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (RateLimit(1.0, 1), "{interval: 1s}"),
        (RateLimit(60.0, 1), "{interval: 1m, burst: 0}"),
        (None, "{interval: 0, burst: 5}"),
        (None, "{burst: 5}"),
    ],
)
def test_a_rate_without_an_interval_is_none(expected, text):
    assert expected == toolkit(f"rate_limit: {text}").rate


@pytest.mark.parametrize("text", ["http_server_config: {headers:}", "{}"])
def test_headers_may_be_missing(text):
    assert toolkit(text).headers == ()


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            (
                "1:1: unknown key 'tls_server_conf'"
                '\n  hint: did you mean "tls_server_config"?'
            ),
            "tls_server_conf: {}",
        ),
        (
            (
                "1:20: tls_server_config: needs key or key_file"
                "\n  hint: add key_file: PATH"
            ),
            "tls_server_config: {cert_file: c.pem}",
        ),
        (
            "1:62: tls_server_config.cert: cert_file is there, too\n  hint: remove one of them",
            f"{TLS}, cert: x}}",
        ),
        (
            (
                "1:20: tls_server_config: has a client CA, and no client needs a"
                " certificate\n  hint: add client_auth_type: RequireAndVerifyClientCert"
            ),
            f"{TLS}, client_ca_file: a}}",
        ),
        (
            (
                "1:74: tls_server_config.client_auth_type: RequestClientCert asks for a"
                " certificate that nobody verifies, which proves nothing"
                "\n  hint: write RequireAndVerifyClientCert"
            ),
            f"{TLS}, client_auth_type: RequestClientCert}}",
        ),
        (
            (
                "1:74: tls_server_config.client_auth_type: must be one of NoClientCert,"
                " VerifyClientCertIfGiven, RequireAndVerifyClientCert (found 'Yes')"
            ),
            f"{TLS}, client_auth_type: 'Yes'}}",
        ),
        (
            (
                "1:69: tls_server_config.min_version: must be one of TLS10, TLS11, TLS12,"
                " TLS13 (found 'TLS14')"
            ),
            f"{TLS}, min_version: TLS14}}",
        ),
        (
            (
                "1:75: tls_server_config.curve_preferences: must be of CurveP256,"
                " CurveP384, CurveP521, X25519 (found 'P1')"
            ),
            f"{TLS}, curve_preferences: [P1]}}",
        ),
        (
            "1:49: http_server_config.headers.X-Frame-Options: must be one line",
            'http_server_config: {headers: {X-Frame-Options: "a\\nb"}}',
        ),
        (
            (
                "1:26: basic_auth_users.prom: must be a bcrypt hash"
                "\n  hint: make one: htpasswd -nBC 10 '' | tr -d ':\\n'"
            ),
            "basic_auth_users: {prom: s3cr3t}",
        ),
        (
            (
                '1:24: rate_limit.interval: must be a time such as "1s"'
                " (found the integer 1)"
            ),
            "rate_limit: {interval: 1}",
        ),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(expected, text):
    assert refusal(toolkit, text) == f"/etc/web.yml:{expected}"


def test_several_curves_are_a_warning():
    config = toolkit(f"{TLS}, curve_preferences: [X25519, CurveP256]}}")

    assert config.tls is not None
    assert config.tls.curve is None
    assert [str(problem) for problem in config.warnings] == [
        (
            "/etc/web.yml:1:75: warning: tls_server_config.curve_preferences: only one curve"
            " can be preferred, so all are offered\n  hint: name one"
        )
    ]


@pytest.mark.parametrize(
    ("expected", "content"),
    [
        ("can't be read (No such file or directory)", None),
        ("is not UTF-8", b"\xff"),
        ("is larger than 1 MiB", b"#" * (1 << 20) + b"#"),
    ],
    ids=["missing", "bytes", "large"],
)
def test_a_file_that_can_not_be_read_is_told(tmp_path, expected, content):
    file = tmp_path / "web.yml"
    if content is not None:
        file.write_bytes(content)

    assert refusal(load_web_config, str(file)) == f"{file}: {expected}"


def test_a_file_is_read(tmp_path):
    file = tmp_path / "web.yml"
    file.write_text("rate_limit: {interval: 2s}\n")

    assert load_web_config(str(file)) == WebConfig(str(file), rate=RateLimit(2.0, 1))


# -- jmx_exporter's section ------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "{}"])
def test_an_empty_section_lets_anybody_in(text):
    assert section(text) == (OPEN, [])


@pytest.mark.parametrize(
    "written",
    ["", " null", " {}", " ''", " false", " []", " 0", " {basik: {username: a}}"],
)
def test_authentication_that_names_nobody_is_refused(written):
    told = refusal(section, f"{{authentication:{written}}}")

    assert "httpServer.authentication: names nobody who may come in" in told
    assert "hint: add basic: {username: ..., password: ...}, or remove the key" in told


@pytest.mark.parametrize("basic", ["", " {}", " {username: a}", " {password: b}"])
def test_a_user_without_name_or_password_is_refused(basic):
    refusal(section, f"{{authentication: {{basic:{basic}}}}}")


def test_threads_are_read_over_with_a_warning():
    assert section("{threads: {minimum: 1}}") == (
        OPEN,
        [
            (
                "f.yml:2:23: warning: httpServer.threads: is known but not applied"
                "\n  hint: requests need no threads here"
            )
        ],
    )


def test_the_path_of_the_metrics():
    assert section("{metrics: {path: /other}}")[0].path == "/other"


@pytest.mark.parametrize(
    ("expected", "path"),
    [("/custom", "custom"), ("/", "/"), ("/7", "7"), ("/a/b", "/a/b")],
)
def test_the_path_of_the_metrics_needs_no_slash(expected, path):
    assert section(f"{{metrics: {{path: {path}}}}}")[0].path == expected


@pytest.mark.parametrize(
    ("expected", "written"),
    [("1234", "1234"), ("true", "yes"), ("1.1", "1.10"), ("83", "0123")],
)
def test_a_number_as_user_and_password_is_taken_as_java_writes_it(expected, written):
    basic = f"{{username: {written}, password: {written}}}"

    config, warnings = section(f"{{authentication: {{basic: {basic}}}}}")

    assert config.users == ((expected, Secret("plaintext", expected)),)
    assert len(warnings) == 2
    assert all(
        "is no text, and is taken as Java would write it\n  hint: put it in quotes"
        in warning
        for warning in warnings
    )
    assert expected not in warnings[1].partition("password:")[2]


def test_protocols_and_ciphers_may_be_lists():
    config, warnings = section(
        "{ssl: {keyStore: {filename: k}, protocols: [TLSv1.3, TLSv1.2], ciphers: [A, B]}}"
    )

    assert warnings == []
    assert (config.tls.lowest, config.tls.highest) == ("TLS12", "TLS13")
    assert config.tls.ciphers == ("A", "B")


JAVA_OPTIONS = (
    "-Xmx64m -Djavax.net.ssl.keyStore=/k.p12 -Djavax.net.ssl.keyStorePassword=s=1"
    " -Djavax.net.ssl.keyStoreType=PKCS12 -Djavax.net.ssl.trustStore=/t.p12"
    " -Djavax.net.ssl.trustStorePassword=t"
)


@pytest.mark.parametrize(
    ("keys", "trusted", "text"),
    [
        (
            StoreConfig("/k.p12", "PKCS12", "s=1"),
            StoreConfig("/t.p12", None, "t"),
            "{ssl: {mutualTLS: true}}",
        ),
        (StoreConfig("/k.p12", "PKCS12", "s=1"), None, "{ssl: {keyStore:}}"),
        (
            StoreConfig("k.jks", "JKS", "s=1"),
            None,
            "{ssl: {keyStore: {filename: k.jks, type: JKS}}}",
        ),
        (
            StoreConfig("/k.p12", "PKCS12", "other"),
            None,
            "{ssl: {keyStore: {password: other}}}",
        ),
    ],
    ids=["both", "empty", "password", "file"],
)
def test_stores_that_are_not_named_are_those_of_javas_properties(keys, trusted, text):
    config, _ = section(text, JMX_BRIDGE_JAVA_OPTS=JAVA_OPTIONS)

    assert config.tls.store == keys
    assert config.tls.client_store == trusted


def test_a_trust_store_of_javas_properties_asks_nobody_for_a_certificate():
    config, _ = section("{ssl: {}}", JMX_BRIDGE_JAVA_OPTS=JAVA_OPTIONS)

    assert (config.tls.client, config.tls.client_store) == ("none", None)


def user(fields, **environ):
    config, _ = section(f"{{authentication: {{basic: {fields}}}}}", **environ)
    return config.users


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        (Secret("plaintext", "b"), "password: b"),
        (Secret("plaintext", "s3cret"), "password: '${PASSWORD}'"),
        (
            Secret("digest", "ab12", "sha256", "x"),
            "algorithm: SHA-256, passwordHash: 'AB:12', salt: x",
        ),
        (
            Secret("pbkdf2", "00" * 16, "sha512", "x", 210_000),
            f"algorithm: PBKDF2WithHmacSHA512, passwordHash: '{'00' * 16}', salt: x",
        ),
        (
            Secret("pbkdf2", "00" * 32, "sha1", "x", 1000),
            (
                f"algorithm: PBKDF2WithHmacSHA1, passwordHash: '{'00' * 32}', salt: x,"
                " iterations: 1000, keyLength: 256"
            ),
        ),
    ],
    ids=["plaintext", "variable", "digest", "pbkdf2", "pbkdf2-256"],
)
def test_one_user_may_come_in(expected, fields):
    assert user(f"{{username: a, {fields}}}", PASSWORD="s3cret") == (("a", expected),)


def test_a_java_key_store_with_its_passwords():
    config, warnings = section(
        "{ssl: {mutualTLS: true, protocols: 'TLSv1.3, TLSv1.2', ciphers: A B,"
        " keyStore: {filename: k.p12, type: PKCS12, password: '${KEY}'},"
        " trustStore: {filename: t.jks, password: s}}}",
        KEY="s3cret",
    )

    assert warnings == []
    assert config.tls == ServerTls(
        store=StoreConfig("k.p12", "PKCS12", "s3cret"),
        client="required",
        client_store=StoreConfig("t.jks", None, "s"),
        lowest="TLS12",
        highest="TLS13",
        ciphers=("A", "B"),
    )
    assert config.files() == ("k.p12", "t.jks")


def test_clients_need_no_certificate_by_default():
    config, _ = section("{ssl: {keyStore: {filename: k}, trustStore: {filename: t}}}")

    assert config.tls == ServerTls(store=StoreConfig("k"))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (
            '2:30: httpServer.metrics.path: needs a path such as "/metrics"',
            "{metrics: {path: /-/x}}",
        ),
        ('2:23: httpServer.metrics: needs a path such as "/metrics"', "{metrics: {}}"),
        (
            (
                "2:39: httpServer.authentication.plugin: is a Java class, which can't run"
                " here\n  hint: use basic, or --web.config.file"
            ),
            "{authentication: {plugin: {class: a.B}}}",
        ),
        (
            "2:38: httpServer.authentication.basic: 'username' is missing",
            "{authentication: {basic: {password: b}}}",
        ),
        (
            "2:38: httpServer.authentication.basic: 'password' is missing",
            "{authentication: {basic: {username: b}}}",
        ),
        (
            (
                "2:63: httpServer.authentication.basic.algorithm: must be one of plaintext,"
                " SHA-1, SHA-256, SHA-512, PBKDF2WithHmacSHA1, PBKDF2WithHmacSHA256,"
                " PBKDF2WithHmacSHA512 (found 'MD5')"
            ),
            "{authentication: {basic: {username: b, algorithm: MD5}}}",
        ),
        (
            (
                "2:38: httpServer.authentication.basic: 'passwordHash' is missing\n"
                "f.yml:2:38: httpServer.authentication.basic: 'salt' is missing"
            ),
            "{authentication: {basic: {username: b, algorithm: SHA-1}}}",
        ),
        (
            (
                "2:84: httpServer.authentication.basic.passwordHash: must be a hash in"
                " hexadecimal digits"
            ),
            "{authentication: {basic: {username: b, algorithm: SHA-1, passwordHash: x, salt: s}}}",
        ),
        (
            (
                "2:38: httpServer.authentication.basic: 'passwordHash' has 16 bits, and"
                " 'keyLength' says 128\n  hint: write keyLength: 16"
            ),
            (
                "{authentication: {basic: {username: b, algorithm: PBKDF2WithHmacSHA1,"
                " passwordHash: abcd, salt: s}}}"
            ),
        ),
        (
            (
                "2:19: httpServer.ssl: 'keyStore' is missing"
                "\n  hint: add keyStore: {filename: ..., password: ...}"
            ),
            "{ssl: {mutualTLS: false}}",
        ),
        (
            "2:19: httpServer.ssl: 'mutualTLS' needs a trustStore",
            "{ssl: {mutualTLS: true, keyStore: {filename: k}}}",
        ),
        (
            (
                "2:19: httpServer.ssl: 'keyStore' is missing"
                "\n  hint: add keyStore: {filename: ..., password: ...}\n"
                "f.yml:2:30: httpServer.ssl.keyStore: 'filename' is missing"
            ),
            "{ssl: {keyStore: {password: k}}}",
        ),
    ],
)
def test_a_mistake_in_the_section_is_told_with_its_place(expected, text):
    assert refusal(section, text) == f"f.yml:{expected}"
