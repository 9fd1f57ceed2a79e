using Unlearn.Transforms;

namespace ThirdParty;

/// <summary>Trains a <see cref="ToyTarget"/>: the mean of each class.</summary>
public sealed class ToyRecipe : ITrainingRecipe
{
    public string Specification => "class-means/1";

    public ITarget Train(
        TrainingRows rows,
        ReadOnlyMemory<int> positions,
        long seed,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        cancellationToken.ThrowIfCancellationRequested();
        if (positions.IsEmpty)
            throw new ArgumentException("There is no row to train on.", nameof(positions));
        var means = new float[rows.ClassCount * rows.FeatureCount];
        var counts = new int[rows.ClassCount];
        foreach (var position in positions.Span)
            counts[rows.LabelAt(position)]++;
        foreach (var position in positions.Span)
        {
            var label = rows.LabelAt(position);
            for (var i = 0; i < rows.FeatureCount; i++)
                means[label * rows.FeatureCount + i] += rows.FeaturesAt(position)[i] / counts[label];
        }
        return new ToyTarget(means, rows.ClassCount, rows.FeatureCount);
    }
}
