namespace Unlearn.MLNet;

/// <summary>Settings that all tree trainers share.</summary>
/// <param name="Trees">Number of trees, from 1.</param>
/// <param name="Leaves">Leaves of a tree, from 2.</param>
/// <param name="LearningRate">Learning rate of the boosting, above 0; a forest has none.</param>
/// <param name="MinimumRowsPerLeaf">Fewest rows in a leaf, from 1.</param>
public sealed record TreeSettings(int Trees = 120, int Leaves = 8, double LearningRate = 0.05, int MinimumRowsPerLeaf = 20)
{
    /// <summary>The settings in short.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Trees} trees of {Leaves} leaves, rate {LearningRate}, from {MinimumRowsPerLeaf} rows");
}
