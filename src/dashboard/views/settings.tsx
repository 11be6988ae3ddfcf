/** Settings of the page itself: language, time zone, colours; and who is signed in. */
import { useState } from 'preact/hooks';
import { moment } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Sessions } from '../parts/sessions.tsx';
import { isZone, language, languages, theme, themes, zone, type Language } from '../settings.ts';

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', es: 'Español' };

export function SettingsView() {
  return (
    <>
      <Appearance />
      <Sessions />
    </>
  );
}

function Appearance() {
  const words = t.value.settings;
  return (
    <section class="panel" aria-labelledby="appearance">
      <h2 id="appearance">{words.appearance}</h2>
      <div class="form">
        <label class="field">
          <span>{words.language}</span>
          <select
            value={language.value}
            onChange={({ currentTarget: { value } }) => {
              language.value = languages.find((each) => each === value) ?? language.value;
            }}
          >
            {languages.map((each) => (
              <option key={each} value={each} lang={each}>
                {LANGUAGE_NAMES[each]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{words.theme}</span>
          <select
            value={theme.value}
            onChange={({ currentTarget: { value } }) => {
              theme.value = themes.find((each) => each === value) ?? theme.value;
            }}
          >
            {themes.map((each) => (
              <option key={each} value={each}>
                {words.themes[each]}
              </option>
            ))}
          </select>
        </label>
        <ZoneField />
      </div>
      <p class="quiet">{words.kept}</p>
    </section>
  );
}

function ZoneField() {
  const words = t.value.settings;
  const [typed, setTyped] = useState(zone.value);
  const isKnown = isZone(typed);
  return (
    <div class="field">
      <label for="zone">{words.zone}</label>
      <input
        id="zone"
        list="zones"
        value={typed}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={!isKnown}
        aria-describedby="zone-hint"
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          if (isZone(currentTarget.value)) zone.value = currentTarget.value;
        }}
      />
      <datalist id="zones">
        {Intl.supportedValuesOf('timeZone').map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <p id="zone-hint" class={isKnown ? 'hint' : 'hint hint-bad'}>
        {isKnown ? `${words.zoneHint} ${words.now(moment(Date.now()))}` : words.zoneUnknown(typed)}
      </p>
    </div>
  );
}
