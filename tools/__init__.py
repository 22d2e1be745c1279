"""Programs of the set-up: environment, assets, browser, translations. None is part of the wheel."""
