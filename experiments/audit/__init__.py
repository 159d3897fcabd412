"""The practitioner's question: may this synthetic table replace the real one, for training and for choosing a model?"""
