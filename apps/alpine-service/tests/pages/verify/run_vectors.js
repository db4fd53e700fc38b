// Runs the protocol's vectors through the modules; the answers are compared where vectors are read.
async ({ base, vectors }) => {
  const load = (name) => import(`${base}/${name}.js`);
  const { fromHex, toHex, utf8 } = await load("bytes");
  const { readCanonical } = await load("canonical");
  const { readCheckpoint, requireSigned } = await load("checkpoint");
  const { opens } = await load("commitment");
  const { cosignaturesOf } = await load("cosignature");
  const { readEntry } = await load("entry");
  const { readProofFile } = await load("proof_file");
  const { climb, leafHash, nodeHash, emptyRoot, requireRoot } = await load("tree");
  const { readVerifierKey } = await load("verifier_key");
  const { sha256 } = await load("webcrypto");

  const raw = ({ text, base64 }) =>
    text === undefined ? Uint8Array.from(atob(base64), (one) => one.charCodeAt(0)) : utf8(text);
  const logKey = await readVerifierKey(vectors.policy.log);
  const witnesses = await Promise.all(vectors.policy.witnesses.map(readVerifierKey));
  const hashes = async (data) => ({
    signal_sha256: toHex(await sha256(data)),
    leaf_hash: toHex(await leafHash(data)),
  });
  const include = async (leaf, index, size, proof, root) =>
    requireRoot(leaf, await climb(leaf, index, size, proof), root);
  const witnessed = async (checkpoint) => {
    await requireSigned(checkpoint, logKey);
    const found = await cosignaturesOf(checkpoint.note, witnesses, logKey);
    return {
      origin: checkpoint.origin,
      size: Number(checkpoint.size),
      root: toHex(checkpoint.root),
      cosigned: Object.fromEntries(found.map(({ key, time }) => [key.name, Number(time)])),
      is_met: found.length >= vectors.policy.quorum,
    };
  };

  const checks = {
    async keys({ key }) {
      const read = await readVerifierKey(key);
      return { ...read, public_key: toHex(read.publicKey), publicKey: undefined, line: undefined };
    },
    async canonical(vector) {
      readCanonical(raw(vector));
      return hashes(raw(vector));
    },
    async entries(vector) {
      const { kind } = await readEntry(raw(vector));
      return { kind, ...(await hashes(raw(vector))) };
    },
    async inclusion({ leaf_hash, index, size, proof, root }) {
      const [leaf, hashes] = [fromHex(leaf_hash), proof.map(fromHex)];
      await include(leaf, BigInt(index), BigInt(size), hashes, fromHex(root));
      return {};
    },
    async checkpoints(vector) {
      return witnessed(await readCheckpoint(raw(vector)));
    },
    async proof_files({ entry, file }) {
      const { index, proof, checkpoint } = await readProofFile(raw(file));
      const { size } = await witnessed(checkpoint);
      await include(await leafHash(raw(entry)), index, checkpoint.size, proof, checkpoint.root);
      return { index: Number(index), size };
    },
    async commitments({ nonce, body, commitment }) {
      const isOpen = await opens(fromHex(nonce), raw(body), commitment);
      if (!isOpen) throw Object.assign(new Error("closed"), { reason: "bad-opening" });
      return {};
    },
  };

  const answers = {};
  for (const [name, check] of Object.entries(checks)) {
    answers[name] = {};
    for (const list of ["good", "bad"]) {
      answers[name][list] = [];
      for (const vector of vectors[name][list]) {
        const answer = await check(vector).catch((error) => {
          if (!error.reason) throw error;
          return { refused: error.reason };
        });
        answers[name][list].push(answer);
      }
    }
  }
  return answers;
}
