# SPDX-License-Identifier: Apache-2.0
"""An Apache Kafka broker and a node of OpenSearch, each on loopback with files of its own."""
import json
import subprocess
import urllib.error
import urllib.request

from processes import end_with_parent, free_port
from receivers import Receiver

# Tests live too short for the second compiler to pay.
JAVA = ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
LOGGING = """rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %c{1.} %m%n
"""


class Kafka(Receiver):
    """One broker that is its own controller: logins by PLAIN and SCRAM over TLS, at `mutual_port` by certificates; nothing is allowed that no rule allows."""

    ADMIN = "admin-secret"

    def __init__(self, folder, jars, certificate, key, authority, users):
        super().__init__(folder, "kafka")
        self._jars, self._authority, self._users = jars, authority, {"admin": self.ADMIN, **users}
        self._controller, self.mutual_port = free_port(), free_port()
        (self.folder / "server.pem").write_text(key.read_text() + certificate.read_text())
        (self.folder / "log4j2.properties").write_text(LOGGING)
        login = 'org.apache.kafka.common.security.%sLoginModule required username="admin" password="%s"'
        scram = login % ("scram.Scram", self.ADMIN) + ";"
        plain = login % ("plain.Plain", self.ADMIN) + "".join(f' user_{name}="{password}"' for name, password in self._users.items()) + ";"
        trust = {"ssl.truststore.type": "PEM", "ssl.truststore.location": authority}
        self._write("server.properties", {
            "process.roles": "broker,controller", "node.id": 1, "controller.quorum.voters": f"1@127.0.0.1:{self._controller}",
            "listeners": f"CLIENTS://127.0.0.1:{self.port},MUTUAL://127.0.0.1:{self.mutual_port},CONTROLLER://127.0.0.1:{self._controller}",
            "listener.security.protocol.map": "CLIENTS:SASL_SSL,MUTUAL:SSL,CONTROLLER:PLAINTEXT", "listener.name.mutual.ssl.client.auth": "required",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "CLIENTS", "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512", "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
            "listener.name.clients.scram-sha-512.sasl.jaas.config": scram, "listener.name.clients.plain.sasl.jaas.config": plain,
            "ssl.keystore.type": "PEM", "ssl.keystore.location": self.folder / "server.pem",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer", "super.users": "User:admin;User:ANONYMOUS",
            "log.dirs": self.folder / "data", "offsets.topic.replication.factor": 1, "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": 0,
            # A broker that was killed is let in again when its last session is over.
            "broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500, **trust})
        self._write("admin.properties", {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.jaas.config": scram,
                                       "reconnect.backoff.max.ms": 500, **trust})

    def _write(self, name, settings):
        (self.folder / name).write_text("".join(f"{key}={value}\n" for key, value in settings.items()))

    def java(self, program, *arguments):
        """The command of a program of Kafka's own."""
        return [*JAVA, f"-Dlog4j2.configurationFile={(self.folder / 'log4j2.properties').as_uri()}", "-cp", f"{self._jars}/*", program, *arguments]

    def command(self):
        if not (self.folder / "data").exists():
            users = [part for name, password in self._users.items() for part in ("--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]")]
            self._run("kafka.tools.StorageTool", "format", "--cluster-id", "c2Vhd29ydGh5LWUyZS0xMQ", "--config", self.folder / "server.properties", *users)
        return self.java("kafka.Kafka", self.folder / "server.properties")

    def tool(self, name, *arguments):
        """What Kafka's tool prints, asked by the administrator: topics, acls, get-offsets."""
        program = {"topics": "TopicCommand", "acls": "AclCommand", "get-offsets": "GetOffsetShell"}[name]
        return self._run(f"org.apache.kafka.tools.{program}", "--bootstrap-server", f"127.0.0.1:{self.port}",
                         "--command-config", self.folder / "admin.properties", *arguments)

    def _run(self, *command):
        done = subprocess.run([str(part) for part in self.java(*command)], capture_output=True, text=True, timeout=60, preexec_fn=end_with_parent)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    def allow(self, user, *topics):
        """What docs/siem/kafka.md says that a user has to be allowed."""
        named = [part for topic in topics for part in ("--topic", topic)]
        self.tool("acls", "--add", "--allow-principal", f"User:{user}", "--operation", "Write", "--operation", "Describe", *named)

    def make_topic(self, name):
        self.tool("topics", "--create", "--topic", name, "--partitions", "6")
        return name

    def written(self, topic):
        """How many records the topic has."""
        return sum(int(line.rsplit(":", 1)[1]) for line in self.tool("get-offsets", "--topic", topic).splitlines())


class KafkaConsumer(Receiver):
    """Kafka's console consumer, from the beginning of a topic on, over the broker's restarts too."""

    def __init__(self, folder, broker, topic):
        super().__init__(folder, f"consumer-of-{topic}")
        self._broker, self._topic = broker, topic

    def command(self):
        shown = [part for name in ("key", "headers", "partition", "offset") for part in ("--formatter-property", f"print.{name}=true")]
        return self._broker.java("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", f"127.0.0.1:{self._broker.port}",
                                 "--command-config", self._broker.folder / "admin.properties", "--topic", self._topic, "--from-beginning", *shown)

    def answers(self):
        return True  # it listens to nobody

    def records(self):
        """[{partition, offset, headers, key, value}], each record once: over a restart of the broker a consumer may read some again."""
        lines = (self.folder / f"{self.name}.log").read_text().splitlines(keepends=True)
        parts = [line.rstrip("\n").split("\t") for line in lines if line.startswith("Partition:") and line.endswith("\n")]
        found = {}
        for partition, offset, headers, key, value in parts:
            place = {"partition": int(partition.split(":")[1]), "offset": int(offset.split(":")[1])}
            found[tuple(place.values())] = {**place, "headers": dict(pair.split(":", 1) for pair in headers.split(",")), "key": key, "value": json.loads(value)}
        return list(found.values())


class OpenSearch(Receiver):
    """A single node without its security plugin, which is not on Maven Central: plain HTTP, no logins."""

    def __init__(self, folder, home):
        super().__init__(folder, "opensearch")
        self._home = home
        (self.folder / "config").mkdir()
        (self.folder / "config" / "log4j2.properties").write_text(LOGGING)
        (self.folder / "config" / "opensearch.yml").write_text(json.dumps({  # JSON is YAML
            "discovery.type": "single-node", "http.host": "127.0.0.1", "http.port": self.port, "transport.host": "127.0.0.1", "transport.port": free_port(),
            "path.data": str(self.folder / "data"), "path.logs": str(self.folder / "logs"), "cluster.routing.allocation.disk.threshold_enabled": False}))
        self._temporary = self.folder / "tmp"
        self._temporary.mkdir()

    def command(self):
        # Without JNA's native half it does not see that it is root, which a test run in a container is.
        return [*JAVA, "-Djna.nounpack=true", "-Djna.nosys=true", f"-Djava.io.tmpdir={self._temporary}", f"-Dopensearch.path.home={self._home}",
                f"-Dopensearch.path.conf={self.folder / 'config'}", "-Dopensearch.distribution.type=tar", "-Dlog4j2.disable.jmx=true",
                "-cp", f"{self._home / 'lib'}/*", "org.opensearch.bootstrap.OpenSearch"]

    def answers(self):
        try:
            return self.ask("GET", "/_cluster/health")["status"] != "red"
        except OSError:
            return False

    def stop(self):
        self.kill()  # asked, it takes longer than a test

    def ask(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method, data=body and json.dumps(body).encode(),
                                         headers={"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise OSError(f"{error.code}: {error.read().decode()[:2000]}") from None
