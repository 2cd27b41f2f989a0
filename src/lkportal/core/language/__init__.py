"""What a language says and how a locale shows numbers and dates. Texts with keys are in core.i18n."""
