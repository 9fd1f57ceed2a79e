using TorchSharp.Modules;

namespace Unlearn.Transforms.PerSample;

internal sealed class BatchNorm2dSampler(BatchNorm2d layer) : BatchNormSampler<BatchNorm2d>(layer);
