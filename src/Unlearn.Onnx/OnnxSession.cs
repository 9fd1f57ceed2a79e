using Microsoft.ML.OnnxRuntime;

namespace Unlearn.Onnx;

/// <summary>A model in ONNX Runtime, as a map from rows of features to rows of scores. Used from several threads at once.</summary>
internal sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly string _inputName;
    private readonly long[] _rowShape;
    private readonly Type _inputType;

    // Null for maps.
    private readonly Type? _outputType;
    private bool _isDisposed;
    private readonly int _batchSize;
    private readonly bool _isBatchFixed;

    public OnnxSession(byte[] model, OnnxTarget.Options options)
    {
        using var sessionOptions =
            new SessionOptions { IntraOpNumThreads = options.Threads, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        if (options.CudaDevice is { } device)
            OnnxCuda.Use(sessionOptions, device);
        _session = new(model, sessionOptions);
        try
        {
            _inputName = Choose("input", nameof(OnnxTarget.Options.InputName), options.InputName, _session.InputMetadata, _ => true);
            if (_session.InputMetadata.Count > 1)
                throw new ArgumentException($"The model has the inputs {Names(_session.InputMetadata.Keys)}, but a target feeds the features alone: "
                    + "export it from data that has nothing but the features.", nameof(model));
            OutputName = Choose(
                "output", nameof(OnnxTarget.Options.OutputName), options.OutputName, _session.OutputMetadata, IsScores);
            var input = _session.InputMetadata[_inputName];
            if (!input.IsTensor)
                throw new ArgumentException($"Input '{_inputName}' of the model takes {input.OnnxValueType}: "
                    + "export it with one tensor of features.", nameof(model));
            _inputType = input.ElementType;
            if (!IsNumber(_inputType))
                throw new ArgumentException(
                    $"Input '{_inputName}' of the model takes {input.ElementType}, but features are of {typeof(float)}: put a Cast before it.", nameof(model));
            var output = _session.OutputMetadata[OutputName];
            if (!IsScores(output))
                throw new ArgumentException(
                    $"Output '{OutputName}' of the model gives {(output.IsTensor ? output.ElementType : output.OnnxValueType)}, but scores are "
                    + $"a tensor of {typeof(float)}, or maps to them: choose another output, or export the model with probabilities as a tensor "
                    + "(skl2onnx: options={'zipmap': False}).", nameof(model));
            _outputType = output.IsTensor ? output.ElementType : null;
            _rowShape = options.InputShape is { } shape ? [.. shape.Select(size => (long)size)] : [.. input.Dimensions.Skip(1).Select(size => (long)size)];
            if (_rowShape.Any(size => size < 1))
                throw new ArgumentException($"Input '{_inputName}' of the model leaves sizes open, [{string.Join(" × ", input.Dimensions)}]: "
                    + $"set {nameof(OnnxTarget)}.{nameof(OnnxTarget.Options)}.{nameof(OnnxTarget.Options.InputShape)} to the shape of one row.", nameof(model));
            InputWidth = checked((int)_rowShape.Aggregate(1L, (product, size) => product * size));
            _isBatchFixed = input.Dimensions is [> 0, ..];
            _batchSize = _isBatchFixed ? input.Dimensions[0] : options.BatchSize;
            // The output's shape is often left open: one row tells.
            OutputWidth = RunBatch(new float[_batchSize * (long)InputWidth], _batchSize).Length / _batchSize;
            if (OutputWidth < 1)
                throw new ArgumentException($"Output '{OutputName}' of the model has no number for each row: choose another output.", nameof(model));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string OutputName { get; }

    /// <summary>Features of a row.</summary>
    public int InputWidth { get; }

    /// <summary>Scores of a row.</summary>
    public int OutputWidth { get; }

    /// <summary>Scores of rows, row by row.</summary>
    public float[] Run(ReadOnlySpan<float> features)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(OnnxTarget)); // ONNX Runtime would take the process down
        var rows = features.Length / InputWidth;
        var scores = new float[rows * OutputWidth];
        for (var start = 0; start < rows; start += _batchSize)
        {
            var count = Math.Min(_batchSize, rows - start);
            var batch = new float[(_isBatchFixed ? _batchSize : count) * InputWidth];
            features.Slice(start * InputWidth, count * InputWidth).CopyTo(batch);
            RunBatch(batch, batch.Length / InputWidth).AsSpan(0, count * OutputWidth).CopyTo(scores.AsSpan(start * OutputWidth));
        }
        return scores;
    }

    public void Dispose()
    {
        _isDisposed = true;
        _runOptions.Dispose();
        _session.Dispose();
    }

    private float[] RunBatch(float[] features, int rows)
    {
        using var input = ToInput(features, [rows, .. _rowShape]);
        using var outputs = _session.Run(_runOptions, [_inputName], [input], [OutputName]);
        return _outputType is null ? ReadMaps(outputs[0])
            : _outputType == typeof(double) ? Array.ConvertAll(outputs[0].GetTensorDataAsSpan<double>().ToArray(), value => (float)value)
            : _outputType == typeof(Float16) ? Array.ConvertAll(outputs[0].GetTensorDataAsSpan<Float16>().ToArray(), value => value.ToFloat())
            : outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private OrtValue ToInput(float[] features, long[] shape) =>
        _inputType == typeof(double) ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(features, value => (double)value), shape)
        : _inputType == typeof(Float16) ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(features, value => (Float16)value), shape)
        : OrtValue.CreateTensorValueFromMemory(features, shape);

    private static bool IsNumber(Type type) => type == typeof(float) || type == typeof(double) || type == typeof(Float16);

    // What ZipMap makes of probabilities: for each row a map from its classes, which are in order.
    private static float[] ReadMaps(OrtValue rows)
    {
        var all = new List<float>();
        for (var row = 0; row < rows.GetValueCount(); row++)
        {
            using var map = rows.GetValue(row, OrtAllocator.DefaultInstance);
            map.ProcessMap((_, values) => all.AddRange(values.GetTensorDataAsSpan<float>()), OrtAllocator.DefaultInstance);
        }
        return [.. all];
    }

    private static bool IsScores(NodeMetadata output)
    {
        if (output.IsTensor)
            return IsNumber(output.ElementType);
        return output.OnnxValueType == OnnxValueType.ONNX_TYPE_SEQUENCE
            && output.AsSequenceMetadata().ElementMeta is { OnnxValueType: OnnxValueType.ONNX_TYPE_MAP } element
            && element.AsMapMetadata().ValueMetadata is { IsTensor: true } values && values.ElementType == typeof(float);
    }

    private static string Choose(
        string what, string option, string? asked, IReadOnlyDictionary<string, NodeMetadata> known, Func<NodeMetadata, bool> isCandidate)
    {
        if (asked is not null)
            return known.ContainsKey(asked) ? asked : throw new ArgumentException($"The model has no {what} '{asked}', but {Names(known.Keys)}.", option);
        List<string> candidates = [.. known.Where(node => isCandidate(node.Value)).Select(node => node.Key)];
        return candidates is [var only] ? only : throw new ArgumentException(
            $"The model has the {what}s {Names(known.Keys)}: set {nameof(OnnxTarget)}.{nameof(OnnxTarget.Options)}.{option} to one of them.", option);
    }

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
