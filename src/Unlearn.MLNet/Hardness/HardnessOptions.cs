namespace Unlearn.MLNet.Hardness;

/// <summary>How hardness models are trained and scored.</summary>
public sealed record HardnessOptions
{
    /// <summary>Share of rows that count as hard, in (0, 1).</summary>
    /// <value>Default 0.2.</value>
    public double HardShare { get; init; } = 0.2;

    /// <summary>Folds of the cross-validation, from 2.</summary>
    /// <value>Default 5.</value>
    public int Folds { get; init; } = 5;

    /// <summary>Trees of the hardness model.</summary>
    /// <value>Default 120.</value>
    public int Trees { get; init; } = 120;

    /// <summary>Leaves of a tree.</summary>
    /// <value>Default 8.</value>
    public int Leaves { get; init; } = 8;

    /// <summary>Learning rate of the boosting.</summary>
    /// <value>Default 0.05.</value>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Fewest rows in a leaf.</summary>
    /// <value>Default 20.</value>
    public int MinimumRowsPerLeaf { get; init; } = 20;
}
