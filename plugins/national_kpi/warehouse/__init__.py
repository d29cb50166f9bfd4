"""From accepted submissions to the snapshot readers see: build inputs, dbt, publishing, questions."""
