namespace Unlearn.Transforms;

/// <summary>How the learning rate moves over the steps of a training.</summary>
public enum LearningRateSchedule
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>It falls along half a cosine from its start to 0 at the last step.</summary>
    Cosine,
}
