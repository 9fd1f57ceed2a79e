using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Rows;
using Unlearn.Transforms.Runtime;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>An ML.NET model that reads the factors of a row and yields one number.</summary>
/// <param name="Model">The model.</param>
/// <param name="InputSchema">The columns <c>Features</c> and <c>Label</c> that it was trained on.</param>
/// <param name="Output">The column of the number.</param>
internal sealed record FactorPredictor(ITransformer Model, DataViewSchema InputSchema, string Output)
{
    /// <summary>Trains a classifier; the number is the probability.</summary>
    public static FactorPredictor Fit(
        HardnessTrainer trainer, FactorMatrix factors, int[] rows, IReadOnlyList<bool> labels, int seed, CancellationToken cancellationToken)
    {
        var view = factors.ToDataView(rows);
        view.Add("Label", [.. rows.Select(row => labels[row])], BooleanDataViewType.Instance);
        return new(Fit(context => trainer.Fit(context, view, seed), seed, cancellationToken), view.Schema, "Probability");
    }

    /// <summary>Trains a regression; the number is the score.</summary>
    public static FactorPredictor Fit(
        Func<MLContext, int, IEstimator<ITransformer>> regressor, FactorMatrix factors, int[] rows, IReadOnlyList<double> labels, int seed,
        CancellationToken cancellationToken)
    {
        var view = factors.ToDataView(rows);
        view.Add("Label", [.. rows.Select(row => (float)labels[row])]);
        var model = Fit(context => regressor(context, seed).Fit(view), seed, cancellationToken);
        var output = model.GetOutputSchema(view.Schema);
        return output.GetColumnOrNull("Score")?.Type == NumberDataViewType.Single
            ? new(model, view.Schema, "Score")
            : throw new InvalidOperationException(
                $"The regressor yields no column Score of a single float, so it is no regression: "
                    + $"its columns are {string.Join(", ", output.Select(column => column.Name))}.");
    }

    /// <summary>Predicts some rows.</summary>
    /// <exception cref="InvalidOperationException">A prediction is NaN or infinite.</exception>
    public double[] Predict(FactorMatrix factors, int[] rows)
    {
        using var row = new FactorsRow(InputSchema);
        using var predict = Bind(row);
        return Array.ConvertAll(rows, i =>
        {
            row.Load(factors.Row(i));
            var value = predict.Value();
            return float.IsFinite(value) ? (double)value
                : throw new InvalidOperationException(
                    $"A trainer predicts {value} for row '{factors.Ids[i]}': give one that can deal with the factors' values, "
                        + "or normalize them in front of it.");
        });
    }

    /// <summary>Binds the model to a row, which may then be loaded and predicted again and again.</summary>
    public Bound Bind(FactorsRow row)
    {
        var mapper = Model.GetRowToRowMapper(InputSchema);
        var output = mapper.GetRow(row, [mapper.OutputSchema[Output]]);
        return new(output, output.GetGetter<float>(mapper.OutputSchema[Output]));
    }

    private static ITransformer Fit(Func<MLContext, ITransformer> fit, int seed, CancellationToken cancellationToken)
    {
        var context = new MLContext(seed);
        return EstimatorTraining.Run(context, "a hardness model", () => fit(context), cancellationToken);
    }

    /// <summary>A model bound to a row.</summary>
    internal sealed class Bound(DataViewRow row, ValueGetter<float> getter) : IDisposable
    {
        public float Value()
        {
            var value = 0f;
            getter(ref value);
            return value;
        }

        public void Dispose() => row.Dispose();
    }
}
