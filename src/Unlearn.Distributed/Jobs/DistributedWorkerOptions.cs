using Unlearn.Transforms;

namespace Unlearn.Distributed;

/// <summary>What a worker takes jobs from, and what it knows.</summary>
public sealed class DistributedWorkerOptions
{
    /// <summary>Npgsql's connection string of the database of the coordinator's <see cref="PostgresCluster"/>.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The store of the coordinator's <see cref="PostgresCluster"/>.</summary>
    public required IBlobStore Blobs { get; init; }

    /// <summary>Jobs at once, one core each, from 1.</summary>
    /// <value>Default: the number of processors.</value>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// Recipes of your own that plans may name by their <see cref="ITrainingRecipe.Specification"/>. A <see cref="TorchRecipe"/> need not be named. Register
    /// unlearners of your own by <c>KnownUnlearners.Register</c>, architectures by <see cref="TorchArchitecture.Custom"/>, formats of targets by
    /// <see cref="TargetFormats.Register"/>.
    /// </summary>
    /// <value>Default none.</value>
    public IReadOnlyList<ITrainingRecipe> Recipes { get; init; } = [];

    /// <summary>Time without a sign of life after which the jobs of a worker are given to others, at least a second.</summary>
    /// <value>Default 30 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between two looks at an empty queue.</summary>
    internal TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    internal void Check()
    {
        if (Blobs is null)
            throw new ArgumentException($"{nameof(Blobs)} is null: name the store of the coordinator.");
        if (Workers < 1)
            throw new ArgumentException($"{Workers} workers were asked for: ask for at least 1.");
        if (Recipes is null || Recipes.Any(recipe => recipe is null))
            throw new ArgumentException($"{nameof(Recipes)} is null or has a recipe that is: leave it out for none.");
        if (Timeout < TimeSpan.FromSeconds(1))
            throw new ArgumentException(Invariant($"A timeout of {Timeout.TotalSeconds} s was asked for: ask for at least a second."));
    }
}
