/** Says in one sentence what to do when this Node is too old. Plain JavaScript that any Node reads. */

/** @returns {boolean} true when this Node runs Parley */
export function hasNeededNode() {
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major >= 24) return true;
  console.error(
    `Parley needs Node 24 or newer; this is Node ${process.versions.node}.\n` +
      "On Linux, Windows and Intel Macs, npm install brings it along; then start by: npm start\n" +
      `Elsewhere: ${process.platform === "darwin" ? "brew install node@24" : "https://nodejs.org/en/download"}`,
  );
  process.exitCode = 1;
  return false;
}
