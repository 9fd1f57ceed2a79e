namespace Unlearn.Transforms;

/// <summary>Meaning of the numbers in a model's score column.</summary>
public enum ScoreKind
{
    /// <summary>Probabilities of the classes: of all of them, or of the positive class.</summary>
    Probabilities,

    /// <summary>
    /// Logits: their softmax gives the probabilities. The single score of a binary model is the logit of the positive class; the logit of the
    /// negative class is 0.
    /// </summary>
    Logits,
}
