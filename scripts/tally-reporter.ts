/** Ends a test run with one plain line, `N passed, N failed`, for whoever reads logs by machine. */

import type { Reporter, TestModule } from "vitest/node";

/** To be given to vitest after a reporter for people. */
export class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const states = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    );
    const count = (state: string) => states.filter((found) => found === state).length;
    // A file that could not be loaded and an error outside of every test fail the run as well.
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length;
    const skipped = count("skipped") === 0 ? "" : `, ${count("skipped")} skipped`;
    process.stdout.write(`\n${count("passed")} passed, ${count("failed") + broken} failed${skipped}\n`);
  }
}
