"""Deployment files are well formed, and set only what the program honours."""

import json
import os
import re
import socket
import subprocess
import tempfile
import time
import tomllib
import unittest
import urllib.request
from pathlib import Path

import kubernetes_validate
import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BINARY = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "debug" / "allclear"
KUBERNETES = ROOT / "deploy" / "kubernetes"


def manifests():
    return {path.name: list(yaml.safe_load_all(path.read_text(encoding="utf-8"))) for path in KUBERNETES.glob("*.yaml")}


def free_port():
    with socket.socket() as any_one:
        any_one.bind(("127.0.0.1", 0))
        return any_one.getsockname()[1]


class Deployment(unittest.TestCase):
    def test_every_name_that_a_file_sets_is_one_that_the_program_knows(self):
        known = set()
        for command in (["serve"], ["status"], ["token", "list"]):
            text = subprocess.run([BINARY, *command, "--help"], check=True, capture_output=True, text=True).stdout
            known |= set(re.findall(r"env: (ALLCLEAR_[A-Z_]+)", text))
        self.assertIn("ALLCLEAR_LISTEN", known)
        files = [ROOT / name for name in ("Dockerfile", "compose.yaml", "fly.toml", "app.json", "Procfile")]
        files += [ROOT / "deploy" / "allclear.service", *KUBERNETES.glob("*.yaml")]
        for file in files:
            for name in re.findall(r"ALLCLEAR_[A-Z_]+", file.read_text(encoding="utf-8")):
                self.assertIn(name, known, f"{file.name} sets {name}")

    def test_kubernetes_knows_every_field_of_its_manifests(self):
        for name, documents in manifests().items():
            for document in documents:
                if document["kind"] != "Kustomization":
                    kubernetes_validate.validate(document, "1.33", strict=True)

    def test_the_manifests_fit_together_and_to_the_program(self):
        by_kind = {document["kind"]: document for documents in manifests().values() for document in documents}
        deployment, service, ingress = by_kind["Deployment"]["spec"], by_kind["Service"]["spec"], by_kind["Ingress"]["spec"]
        pod = deployment["template"]
        container = pod["spec"]["containers"][0]
        self.assertEqual((deployment["replicas"], deployment["strategy"]), (1, {"type": "Recreate"}))
        self.assertLessEqual(service["selector"].items(), pod["metadata"]["labels"].items())
        self.assertEqual(service["ports"][0]["targetPort"], container["ports"][0]["name"])
        backend = ingress["rules"][0]["http"]["paths"][0]["backend"]["service"]
        self.assertEqual((backend["name"], backend["port"]["name"]), (by_kind["Service"]["metadata"]["name"], "http"))
        environment = {one["name"]: one["value"] for one in container["env"]}
        mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        self.assertEqual(environment["ALLCLEAR_DATA"], mounts["data"])
        self.assertEqual(Path(environment["ALLCLEAR_CONFIG"]).parent, Path(mounts["config"]))
        self.assertIn(Path(environment["ALLCLEAR_CONFIG"]).name, by_kind["ConfigMap"]["data"])
        self.assertTrue(environment["ALLCLEAR_LISTEN"].endswith(f":{container['ports'][0]['containerPort']}"))
        resources = set(by_kind["Kustomization"]["resources"])
        self.assertEqual(resources, set(manifests()) - {"kustomization.yaml", "ingress.yaml"})

        # The program, started as the pod starts it, answers its probes; and the map is a configuration that it takes.
        with tempfile.TemporaryDirectory() as home:
            config, port = Path(home) / "sources.yaml", free_port()
            config.write_text(by_kind["ConfigMap"]["data"]["sources.yaml"], encoding="utf-8")
            subprocess.run([BINARY, "check", "--config", config], check=True, capture_output=True)
            config.write_text("sources: []\n", encoding="utf-8")
            environment |= {"ALLCLEAR_CONFIG": str(config), "ALLCLEAR_DATA": f"{home}/data",
                            "ALLCLEAR_LISTEN": f"127.0.0.1:{port}"}
            paths = [container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")]
            self.answers([BINARY, *container["args"]], environment, home, port, paths)

    def test_fly_asks_where_the_program_listens_and_keeps_what_it_writes(self):
        fly = tomllib.loads((ROOT / "fly.toml").read_text(encoding="utf-8"))
        service = fly["http_service"]
        self.assertTrue(fly["env"]["ALLCLEAR_LISTEN"].endswith(f":{service['internal_port']}"))
        self.assertEqual(fly["env"]["ALLCLEAR_DATA"], fly["mounts"]["destination"])
        self.assertEqual((service["auto_stop_machines"], service["min_machines_running"]), ("off", 1))
        self.assertIn(f"AS {fly['build']['build-target']}\n", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
        self.assertEqual(service["checks"][0]["path"], "/healthz")

    def test_heroku_starts_the_program_on_the_port_that_it_gives(self):
        app = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))
        self.assertTrue((ROOT / app["env"]["ALLCLEAR_CONFIG"]["value"]).exists())
        self.assertEqual(app["formation"]["web"]["quantity"], 1)
        kind, line = (ROOT / "Procfile").read_text(encoding="utf-8").strip().split(": ", 1)
        self.assertEqual(kind, "web")
        with tempfile.TemporaryDirectory() as home:
            built = Path(home) / "target" / "release"
            built.mkdir(parents=True)
            (built / "allclear").symlink_to(BINARY)
            (Path(home) / "sources.yaml").write_text("sources: []\n", encoding="utf-8")
            port = free_port()
            environment = {name: one["value"] for name, one in app["env"].items()} | {"PORT": str(port)}
            self.answers(["sh", "-c", f"exec env {line}"], environment, home, port, ["/healthz", "/"])

    def test_compose_runs_the_image_without_rights(self):
        service = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["allclear"]
        self.assertEqual((service["read_only"], service["cap_drop"]), (True, ["ALL"]))
        docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
        last = docker.split("\nFROM ")[-1]
        self.assertIn("USER 65532:65532", last)
        for mount in service["volumes"]:
            self.assertIn(mount.split(":")[1], last)

    def answers(self, command, environment, home, port, paths):
        """Starts the program and asks it; it ends with the test."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ALLCLEAR_")}
        process = subprocess.Popen(command, env=clean | environment, cwd=home,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for path in paths:
                self.assertEqual(self.asked(f"http://127.0.0.1:{port}{path}"), 200, path)
        finally:
            process.terminate()
            process.wait(timeout=60)

    def asked(self, url):
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    return answer.status
            except urllib.error.HTTPError as error:
                return error.code
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


if __name__ == "__main__":
    unittest.main()
