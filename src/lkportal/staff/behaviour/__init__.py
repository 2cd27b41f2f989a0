"""Facts of behaviour: which steps of their tasks people reach, who leaves where and over which error. By consent, without scripts."""
