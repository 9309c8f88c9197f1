import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { Message, MessageLoop } from '@lumino/messaging';
import { AccordionPanel, PanelLayout, Widget } from '@lumino/widgets';

import { kitIcon } from '../icons';
import { ModelKits } from '../modelkits/section';
import { Remotes } from '../remotes/section';
import type { IKitModel } from '../tokens';
import { Changes } from './changes';
import { hasWorkspace, Header } from './header';
import { History } from './history';
import { JobBar } from './jobbar';
import type { Section } from './section';
import type { Selection } from './selection';

/** The shares of the height that the sections have at first; the last two are folded. */
const SHARES = [0.4, 0.6, 0, 0];

/** The least share of the height that a section of forms gets when it is unfolded. */
const FORM_SHARE = 0.6;

/** Where people write. */
const WRITING = 'input, textarea, [contenteditable=true]';

/** What the panel and its sections are made of. */
export interface IPanelOptions {
  model: IKitModel;
  selection: Selection;
  commands: CommandRegistry;
  trans: TranslationBundle;
  translator: ITranslator;
}

/** The panel of Jupyter Kit: the snapshot box, one section below the other, each of which folds, and the job bar. */
export class KitPanel extends SidePanel {
  constructor(options: IPanelOptions) {
    super({ translator: options.translator });
    const { model, selection, commands, trans } = options;
    this._model = model;
    this.id = 'jupyter-kit:panel';
    this.addClass('jk-Panel');
    this.title.icon = kitIcon;
    this.title.caption = trans.__('Versions of this folder');
    this.title.dataset = { jpTabLabel: trans.__('Versions') };
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Jupyter Kit'));
    this.header.addWidget(new Header(model, trans, commands));
    this.changes = new Changes(model, trans, commands);
    this.history = new History(model, selection, trans, commands);
    this.modelkits = new ModelKits(model, trans, commands);
    this.remotes = new Remotes(model, trans, commands);
    for (const section of this._sections) {
      this.addWidget(section);
    }
    const sections = this.content as AccordionPanel;
    sections.collapse(2);
    sections.collapse(3);
    // Last: what folding makes of the shares is wrong before there is a height to share.
    sections.setRelativeSizes(SHARES);
    sections.expansionToggled.connect((_, index) => this._widen(index));
    (this.layout as PanelLayout).addWidget(new JobBar(model, trans));
    // The head and the job bar take the height they need, and no message tells the sections what is left.
    this._height.observe(sections.node);
    model.changed.connect(this._show, this);
    this._show();
  }

  readonly changes: Changes;
  readonly history: History;
  readonly modelkits: ModelKits;
  readonly remotes: Remotes;

  /** Unfold a section, and give it room. */
  reveal(section: Section): void {
    const index = this._sections.indexOf(section);
    (this.content as AccordionPanel).expand(index);
    this._widen(index);
  }

  private get _sections(): Section[] {
    return [this.changes, this.history, this.modelkits, this.remotes];
  }

  protected override onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._want();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    if (this.isVisible) {
      this._want();
    }
  }

  protected override onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this._wanted.splice(0).forEach(each => each.dispose());
  }

  protected override onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    this._left = document.activeElement;
    this._focus();
  }

  /** Go to the snapshot box, or to what stands in its place, as soon as it is there; not where somebody writes elsewhere meanwhile. */
  private _focus(): void {
    const place =
      this.node.querySelector<HTMLElement>('textarea') ??
      this.node.querySelector<HTMLElement>('.jk-Notice button');
    const here = document.activeElement;
    if (this._left && place) {
      if (this._left === here || !here?.matches(WRITING)) {
        place.focus();
      }
      this._left = null;
    }
  }

  /** A section of forms was folded at first, and so has no share of the height: give it enough for a form. */
  private _widen(index: number): void {
    const sections = this.content as AccordionPanel;
    const section = this._sections[index];
    const shares = sections.relativeSizes();
    const forms = section === this.modelkits || section === this.remotes;
    if (forms && !section.isHidden && shares[index] < FORM_SHARE) {
      const rest = (1 - FORM_SHARE) / (1 - shares[index]);
      sections.setRelativeSizes(
        shares.map((each, at) => (at === index ? FORM_SHARE : each * rest))
      );
    }
  }

  /** The panel is seen: what it shows is kept up to date. */
  private _want(): void {
    if (!this._wanted.length) {
      this._wanted.push(this._model.want('status'));
      this._wanted.push(this._model.want('history'));
    }
  }

  /** The sections are there where there is a workspace, and else the head alone says what to do. */
  private _show(): void {
    this.content.setHidden(!hasWorkspace(this._model));
    this.toggleClass('jk-mod-empty', !hasWorkspace(this._model));
    // The head draws itself anew for the same signal.
    requestAnimationFrame(() => this._focus());
  }

  override dispose(): void {
    this._height.disconnect();
    super.dispose();
  }

  /** What had the focus when somebody asked for the panel, until there is a place in it to go to. */
  private _left: Element | null = null;
  private readonly _height = new ResizeObserver(() =>
    MessageLoop.sendMessage(this.content, Widget.ResizeMessage.UnknownSize)
  );
  private readonly _model: IKitModel;
  private readonly _wanted: IDisposable[] = [];
}
