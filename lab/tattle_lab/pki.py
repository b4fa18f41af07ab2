"""The lab's certificate authority: valid through the story's year and today, so that a 2012 evening looks right."""

from .world import run

CA_SETTINGS = """
[ca]
default_ca = lab
[lab]
dir = {folder}
database = $dir/index.txt
new_certs_dir = $dir
serial = $dir/serial
private_key = $dir/ca.key
certificate = $dir/ca.pem
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
"""
FROM, TO = "20120101000000Z", "20491231235959Z"


class Authority:
    """Makes `ca.pem` and for each server NAME.pem and NAME.key in a folder of its own."""

    def __init__(self, work):
        self.folder = work / "ca"
        self.folder.mkdir()
        self.certificate = self.folder / "ca.pem"
        self.config = self.folder / "ca.conf"
        self.config.write_text(CA_SETTINGS.format(folder=self.folder))
        (self.folder / "index.txt").touch()
        (self.folder / "serial").write_text("1000\n")
        self.request("ca", "/CN=Tattle Laboratory Root", "ec")
        self.sign("ca", ["-selfsign", "-extensions", "authority"])

    def request(self, name, subject, kind, extra=()):
        algorithm = ["rsa:2048"] if kind == "rsa" else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        run("openssl", "req", "-new", "-config", self.config, "-newkey", *algorithm, "-nodes", "-subj", subject,
            "-keyout", self.folder / f"{name}.key", "-out", self.folder / f"{name}.csr", *extra)

    def sign(self, name, extra=()):
        run("openssl", "ca", "-batch", "-notext", "-config", self.config, "-startdate", FROM, "-enddate", TO, "-in",
            self.folder / f"{name}.csr", "-out", self.folder / f"{name}.pem", *extra)

    def issue(self, server):
        """RSA keys where old TLS needs them, small elliptic ones elsewhere."""
        kind = "rsa" if {"tls1.0", "rc4"} & set(server.serve) else "ec"
        names = ",".join(f"DNS:{host}" for host in server.hosts)
        self.request(server.name, f"/CN={server.hosts[0]}", kind, ["-addext", f"subjectAltName={names}"])
        self.sign(server.name)
        return self.folder / f"{server.name}.pem", self.folder / f"{server.name}.key"
