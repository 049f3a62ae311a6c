"""The work tracker under load: latency at size, throughput, races and kills, beside other trackers."""
