/**
 * The public API of Sayso's gate: `window.sayso`, and the `sayso:*` events.
 *
 * Before `sayso.js` has loaded, the snippet's stub stands in its place: `allows` says false, `state` is empty, listeners
 * are attached at once, every other call waits and is made in order once the gate is there.
 */

/** The id of a purpose or of a service, as `sayso.toml` declares it and `data-sayso` names it. */
export type Id = string;

/** What is known of a purpose. */
export type Status =
  /** Never answered. */
  | 'Unknown'
  /** Put off, or only some of its services answered. */
  | 'Deferred'
  /** The visitor said yes. */
  | 'Given'
  /** Asked, the visitor said no. */
  | 'Refused'
  /** The visitor took a yes back. */
  | 'Withdrawn'
  /** The visitor, or a signal of the browser's such as Global Privacy Control, said no to what does not rest on consent. */
  | 'Objected'
  /** It needs no answer, or its notice was acknowledged. */
  | 'Acknowledged'
  /** An answer has lapsed. */
  | 'Expired';

/** The statuses of every `device` purpose, by its id. */
export type Statuses = Record<Id, Status>;

/** A part of the app that can be opened. */
export type Surface = 'preferences' | 'newsletter' | 'marketing' | 'history';

/** The purpose that an event is about: one event for each, in a list so that it stays the same if they are joined. */
export interface Purposes {
  purposes: Id[];
}

/** Something failed that the visitor was not shown. */
export interface Failure {
  /**
   * `script`: a gated script could not be made; `markup`: an element's address is none to load from; `load`: a module could
   * not be loaded; `settle`: a decision could not be signed; `refused`: the server refused one for good;
   * `kept`: cookies or storage keys of a shut service, named in `message`, could not be deleted (cookies that scripts
   * cannot see are expired by the server's answer); `log-inconsistent`: the site's log does not extend what this browser saw of it before. Any other is the code of the
   * problem document that refused a receipt.
   */
  code: string;
  /** The cause, in words. */
  message?: string;
}

/** The details of the events, by their names. As DOM events they are called `sayso:<name>`, on the document, and bubble. */
export interface Details {
  /** The gate has done its work on this page: what is allowed is open, and the visitor is asked if need be. */
  ready: Statuses;
  /** An answer changed something, in this tab or in another one. Comes after what it allows was opened. */
  change: Statuses;
  /** A purpose was given. */
  given: Purposes;
  /** A purpose was refused. */
  refused: Purposes;
  /** The consent for a purpose was withdrawn. Comes before the page is loaded anew, if it must be. */
  withdrawn: Purposes;
  /** A purpose was objected to. */
  objected: Purposes;
  /** A decision's receipt came back countersigned. */
  receipt: { id: string; decision: string; [more: string]: unknown };
  /** Something failed; the choice holds all the same. */
  error: Failure;
  /** A surface was opened. */
  open: { surface: Surface };
  /** A surface was closed. */
  close: { surface: Surface };
}

/** One or more ids. An unknown one rejects the call with a `TypeError` that names it. */
export type Ids = Id | readonly Id[];

/** `window.sayso`. */
export interface Sayso {
  /** The statuses now. */
  state(): Statuses;

  /** Whether what is marked with this purpose or service may run now. An unknown id may not. */
  allows(id: Id): boolean;

  /**
   * Opens a part of the app as a dialog, the preference centre if none is named. Where the app cannot be loaded, the
   * browser goes to the page of the same name instead. Settles once it is open.
   */
  open(surface?: Surface): Promise<unknown>;

  /**
   * Gives consent for some purposes or services, for all without ids. Counts only shortly after a click or a key of the
   * visitor's, as part of what the site's own control asked for; otherwise the visitor is asked instead.
   * @returns whether it was given
   */
  give(ids?: Ids): Promise<boolean>;

  /** Refuses some purposes or services, all without ids. What was given is withdrawn by it. */
  refuse(ids?: Ids): Promise<boolean>;

  /**
   * Takes consent back for some purposes or services, for all without ids. Their cookies and storage are cleared; if
   * their code already ran, the page is loaded anew.
   */
  withdraw(ids?: Ids): Promise<boolean>;

  /** Objects to some purposes or services, to all without ids. An objection does not lapse. */
  object(ids?: Ids): Promise<boolean>;

  /**
   * Calls a listener at every event of a name. A listener for `ready` that comes late is called at once.
   * @returns a function that ends it
   */
  on<Name extends keyof Details>(name: Name, listener: (detail: Details[Name]) => void): () => void;

  /** The receipts that this browser keeps, oldest first. Loads the settling module. */
  receipts(): Promise<unknown[]>;
}

declare global {
  interface Window {
    /** There once the snippet or `sayso.js` has run. */
    sayso: Sayso;
  }

  interface DocumentEventMap {
    'sayso:ready': CustomEvent<Details['ready']>;
    'sayso:change': CustomEvent<Details['change']>;
    'sayso:given': CustomEvent<Details['given']>;
    'sayso:refused': CustomEvent<Details['refused']>;
    'sayso:withdrawn': CustomEvent<Details['withdrawn']>;
    'sayso:objected': CustomEvent<Details['objected']>;
    'sayso:receipt': CustomEvent<Details['receipt']>;
    'sayso:error': CustomEvent<Details['error']>;
    'sayso:open': CustomEvent<Details['open']>;
    'sayso:close': CustomEvent<Details['close']>;
  }
}
