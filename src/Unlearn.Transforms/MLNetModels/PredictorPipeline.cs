using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Unlearn.Transforms.Rows;

namespace Unlearn.Transforms.MLNetModels;

/// <summary>A transformer as the steps that it is made of.</summary>
internal sealed class PredictorPipeline
{
    private readonly ITransformer[] _steps;
    private readonly int _predictor;

    public PredictorPipeline(ITransformer transformer)
    {
        Whole = transformer;
        _steps = [.. Steps(transformer)];
        _predictor = Array.FindLastIndex(_steps, step => step is ISingleFeaturePredictionTransformer<object> { Model: not ICalibrator });
    }

    /// <summary>All steps.</summary>
    public ITransformer Whole { get; }

    /// <summary>The last trained model, its calibrator aside; <see langword="null"/> where no step shows one.</summary>
    public ISingleFeaturePredictionTransformer<object>? Predictor => _predictor < 0 ? null : (ISingleFeaturePredictionTransformer<object>)_steps[_predictor];

    /// <summary>The predictor and what comes after it.</summary>
    public ITransformer FromPredictor => Chain(_steps[_predictor..]);

    /// <summary>The schema of what the predictor takes.</summary>
    public DataViewSchema PredictorSchema(DataViewSchema inputSchema) => Chain(_steps[.._predictor]).GetOutputSchema(inputSchema);

    /// <summary>Whether a column of the output depends on one column of the input and on no other.</summary>
    /// <exception cref="ArgumentException">The transformer does not map rows one by one.</exception>
    public bool DependsOnlyOn(DataViewSchema inputSchema, string outputName, DataViewSchema.Column input)
    {
        if (!Whole.IsRowToRowMapper)
            throw new ArgumentException("The transformer does not map rows one by one: leave out steps that filter or repeat rows.", nameof(inputSchema));
        var mapper = Whole.GetRowToRowMapper(inputSchema);
        return mapper.GetDependencies([mapper.OutputSchema[outputName]]).All(column => column.Index == input.Index);
    }

    /// <summary>Whether the predictor takes the features as they are in the input, bit for bit: tried on a few rows.</summary>
    public bool LeavesFeaturesAlone(DataViewSchema inputSchema, DataViewSchema.Column feature, int width)
    {
        var expected = ProbeRows.Create(width);
        var reached = Chain(_steps[.._predictor]).Transform(ColumnDataView.OfVectors(inputSchema, feature, expected, width));
        if (reached.Schema.GetColumnOrNull(Predictor!.FeatureColumnName) is not { } column
            || column.Type is not VectorDataViewType { ItemType.RawType: var item, Size: var size }
            || item != typeof(float)
            || size != width)
            return false;
        using var cursor = reached.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        var actual = default(VBuffer<float>);
        for (var row = 0; row < ProbeRows.Count && cursor.MoveNext(); row++)
        {
            getter(ref actual);
            if (!actual.DenseValues().SequenceEqual(expected.Skip(row * width).Take(width)))
                return false;
        }
        return true;
    }

    private static TransformerChain<ITransformer> Chain(ITransformer[] steps) => new(steps);

    private static IEnumerable<ITransformer> Steps(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(Steps) : [transformer];
}
