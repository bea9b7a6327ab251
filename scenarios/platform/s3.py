"""Writing objects to an S3 store: just enough of Signature Version 4."""

import datetime
import hashlib
import hmac
import os
import urllib.parse
import urllib.request


def put(key: str, body: bytes, content_type: str) -> None:
    endpoint, bucket = os.environ["S3_URL"], os.environ["S3_BUCKET"]
    host = urllib.parse.urlsplit(endpoint).netloc
    path = urllib.parse.quote(f"/{bucket}/{key}")
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    digest = hashlib.sha256(body).hexdigest()
    signed = "host;x-amz-content-sha256;x-amz-date"
    request = "\n".join(
        ["PUT", path, "", f"host:{host}", f"x-amz-content-sha256:{digest}", f"x-amz-date:{stamp}", "", signed, digest]
    )
    scope = f"{day}/us-east-1/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    key_now = ("AWS4" + os.environ["S3_SECRET_KEY"]).encode()
    for part in [day, "us-east-1", "s3", "aws4_request"]:
        key_now = hmac.new(key_now, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key_now, text.encode(), hashlib.sha256).hexdigest()
    credential = f"{os.environ['S3_ACCESS_KEY']}/{scope}"
    headers = {
        "x-amz-date": stamp,
        "x-amz-content-sha256": digest,
        "content-type": content_type,
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}",
    }
    urllib.request.urlopen(urllib.request.Request(endpoint + path, body, headers, method="PUT"), timeout=10).close()
