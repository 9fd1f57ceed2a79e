using Microsoft.ML;
using Microsoft.ML.Data;

namespace Unlearn.MLNet;

/// <summary>
/// What trains a hardness model: any ML.NET estimator that learns the column <c>Label</c> (<see cref="bool"/>: hard or not) from the column
/// <c>Features</c> (a known-size vector of <see cref="float"/>: the factors) and yields <c>Score</c>. One is fitted for every fold, on the fold's
/// training rows only, so whatever it learns of the features' scale comes from them as well.
/// </summary>
public sealed class HardnessTrainer
{
    private readonly Func<MLContext, int, IEstimator<ITransformer>> _create;

    /// <summary>Makes a trainer with a seed of its own.</summary>
    /// <param name="name">Name, for reports.</param>
    /// <param name="create">
    /// Makes the estimator from a context and a seed of at least 0. It is called from several threads at once, each with its own context. For results
    /// that do not depend on the machine, the estimator must use one thread and take every seed from here.
    /// </param>
    public HardnessTrainer(string name, Func<MLContext, int, IEstimator<ITransformer>> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(create);
        (Name, _create) = (name, create);
    }

    /// <summary>Makes a trainer of an estimator that takes its seed from the context, or needs none.</summary>
    /// <param name="name">Name, for reports.</param>
    /// <param name="create">Makes the estimator; see the other constructor.</param>
    public HardnessTrainer(string name, Func<MLContext, IEstimator<ITransformer>> create)
        : this(name, create is null ? null! : (context, _) => create(context))
    {
    }

    /// <summary>Name, for reports.</summary>
    public string Name { get; }

    /// <summary>Trains a hardness model. Where the estimator yields no column <c>Probability</c>, Platt's calibration of <c>Score</c> on the same rows is added.</summary>
    /// <param name="context">The context.</param>
    /// <param name="data">Rows with the columns <c>Label</c> and <c>Features</c>.</param>
    /// <param name="seed">Seed, at least 0.</param>
    /// <returns>A transformer that yields <c>Score</c> and <c>Probability</c>.</returns>
    /// <exception cref="InvalidOperationException">The estimator yields no column <c>Score</c> of <see cref="float"/>.</exception>
    public ITransformer Fit(MLContext context, IDataView data, int seed)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(data);
        var model = _create(context, seed).Fit(data);
        var output = model.GetOutputSchema(data.Schema);
        if (output.GetColumnOrNull("Score")?.Type != NumberDataViewType.Single)
            throw new InvalidOperationException($"The trainer {Name} yields no column Score of a single float, so it is no binary classifier: its columns are {string.Join(", ", output.Select(column => column.Name))}.");
        return output.GetColumnOrNull("Probability") is null
            ? model.Append(context.BinaryClassification.Calibrators.Platt().Fit(model.Transform(data)))
            : model;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
