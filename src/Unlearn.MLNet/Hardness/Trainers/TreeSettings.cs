namespace Unlearn.MLNet;

/// <summary>Settings that all tree trainers share.</summary>
public sealed record TreeSettings
{
    /// <summary>Number of trees, from 1.</summary>
    /// <value>Default 120.</value>
    public int Trees { get; init; } = 120;

    /// <summary>Leaves of a tree, from 2.</summary>
    /// <value>Default 8.</value>
    public int Leaves { get; init; } = 8;

    /// <summary>Learning rate of the boosting, above 0; a forest has none.</summary>
    /// <value>Default 0.05.</value>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Fewest rows in a leaf, from 1.</summary>
    /// <value>Default 20.</value>
    public int MinimumRowsPerLeaf { get; init; } = 20;

    /// <summary>The settings in short.</summary>
    public override string ToString() => Invariant($"{Trees} trees of {Leaves} leaves, rate {LearningRate}, from {MinimumRowsPerLeaf} rows");
}
