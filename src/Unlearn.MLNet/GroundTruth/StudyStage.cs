namespace Unlearn.MLNet;

/// <summary>Stages of a study, in order.</summary>
public enum StudyStage
{
    /// <summary>Training the target.</summary>
    Target,

    /// <summary>Fitting and computing the hardness factors.</summary>
    Factors,

    /// <summary>Finding the strengths of approximate unlearners.</summary>
    Calibration,

    /// <summary>Unlearning trials.</summary>
    Trials,

    /// <summary>Training and scoring the hardness models.</summary>
    Hardness,
}
