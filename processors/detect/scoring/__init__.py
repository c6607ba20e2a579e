"""How well the detector does: labels, judged hits, scores, comparison with a base, calibration of the confidence."""
