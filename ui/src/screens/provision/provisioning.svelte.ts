// Provisioning of one router, or of several: what was chosen and typed, the plan that came of it, and its start.
import { after_refusal, Loaded } from "../../app/loaded.svelte";
import { pulse } from "../../app/pulse.svelte";
import { session } from "../../app/session.svelte";
import { commands, plan_provisioning, provision_routers, type Blank, type Conflict, type ConflictChoice, type Plan, type PlanCheck, type ProvisionOutcome, type ProvisionRequest, type Refusal, type Run } from "../../platform";
import { refusal_of } from "../../words/errors";
import { side_of, type Side } from "./blanks";

/** Conflicts as they were first met: one that is decided is in no later plan, and can be decided anew. */
export function with_decided(before: readonly Conflict[], now: readonly Conflict[], choices: Record<string, ConflictChoice>): Conflict[] {
  const still = new Map(now.map((conflict) => [conflict.key, conflict]));
  const kept = before.filter(({ key }) => still.has(key) || choices[key] !== undefined).map((conflict) => still.get(conflict.key) ?? conflict);
  return [...kept, ...now.filter(({ key }) => !kept.some((conflict) => conflict.key === key))];
}

export class Provisioning {
  template = $state<string | null>(null);
  /** What somebody typed; the rest the backend knows or draws. */
  typed = $state<Record<string, string>>({});
  test_user = $state("");
  /** What was typed fills the blanks of the operator's other routers from now on. */
  remember = $state(false);
  choices = $state.raw<Record<string, ConflictChoice>>({});
  readonly blanks = new Loaded<Blank[]>();
  /** Where each blank stands: it stays there while somebody types. */
  sides = $state.raw<ReadonlyMap<string, Side>>(new Map());
  checks = $state.raw<PlanCheck[]>([]);
  plan = $state.raw<Plan | null>(null);
  /** Somebody else's items that the plan met, with those that were decided since: a choice can be made anew. */
  conflicts = $state.raw<readonly Conflict[]>([]);
  planning = $state(false);
  starting = $state(false);
  /** Of several routers, what became of each. */
  outcomes = $state.raw<readonly ProvisionOutcome[]>([]);
  refusal = $state.raw<Refusal | null>(null);
  /** Missing ones are told as missing only once somebody wanted to go on. */
  pressed = $state(false);
  readonly ids: readonly number[];
  #turn = 0;

  constructor(ids: readonly number[]) {
    this.ids = ids;
  }

  get several(): boolean {
    return this.ids.length > 1;
  }

  choose(template: string): void {
    if (template === this.template) return;
    this.template = template;
    this.typed = {};
    this.choices = {};
    this.conflicts = [];
    this.sides = new Map();
    this.blanks.clear();
    this.pressed = false;
    this.forget_plan();
  }

  request(): ProvisionRequest {
    return {
      router_id: this.ids[0] ?? 0,
      template: this.template ?? "",
      blanks: { ...this.typed },
      choices: this.choices,
      test_user: this.test_user,
      remember: this.remember,
    };
  }

  type(name: string, value: string): void {
    this.typed[name] = value;
    this.forget_plan();
  }

  /** Nothing typed: a secret is drawn or stays. */
  untype(name: string): void {
    delete this.typed[name];
    this.forget_plan();
  }

  forget_plan(): void {
    this.#turn += 1;
    this.plan = null;
    this.checks = [];
    this.planning = false;
    this.refusal = null;
    this.outcomes = [];
  }

  async load_blanks(): Promise<void> {
    await this.blanks.load(() => commands.provisionBlanks(this.request()));
    this.#place(this.blanks.data ?? []);
  }

  #place(blanks: readonly Blank[]): void {
    this.sides = new Map(blanks.map((blank) => [blank.name, this.sides.get(blank.name) ?? side_of(blank)]));
  }

  async make_plan(): Promise<void> {
    const turn = ++this.#turn;
    this.planning = true;
    this.refusal = null;
    this.checks = [];
    try {
      const plan = await plan_provisioning(this.request(), (checks) => {
        if (turn === this.#turn) this.checks = checks;
      });
      if (turn !== this.#turn) return;
      this.plan = plan;
      this.checks = plan.checks;
      this.conflicts = with_decided(this.conflicts, plan.conflicts, this.choices);
      this.blanks.data = plan.blanks;
      this.#place(plan.blanks);
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.plan = null;
      this.refusal = refusal_of(thrown);
      after_refusal(this.refusal);
    }
    this.planning = false;
  }

  /** What becomes of somebody else's item; once all are decided, the plan is made with that. */
  decide(key: string, choice: ConflictChoice): void {
    this.choices = { ...this.choices, [key]: choice };
    if (this.plan?.conflicts.every((conflict) => this.choices[conflict.key] ?? conflict.choice)) void this.make_plan();
  }

  /** Begins it; the run, or null where it was refused. */
  start(): Promise<Run | null> {
    return this.#start(null, () => commands.provisionStart(this.request(), this.plan?.digest ?? ""));
  }

  /** Begins a run on each; how it ended for which of them. */
  start_many(): Promise<readonly ProvisionOutcome[]> {
    this.outcomes = [];
    return this.#start([], async () => {
      const told = (outcome: ProvisionOutcome) => (this.outcomes = [...this.outcomes, outcome]);
      this.outcomes = await provision_routers([...this.ids], this.request(), told);
      return this.outcomes;
    });
  }

  async #start<T>(refused: T, begin: () => Promise<T>): Promise<T> {
    if (this.starting) return refused;
    this.starting = true;
    this.refusal = null;
    try {
      const begun = await begin();
      session.data_changed();
      void pulse.ask();
      return begun;
    } catch (thrown) {
      this.refusal = refusal_of(thrown);
      after_refusal(this.refusal);
      return refused;
    } finally {
      this.starting = false;
    }
  }
}
