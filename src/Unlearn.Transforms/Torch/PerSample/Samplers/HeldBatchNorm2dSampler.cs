using Unlearn.Transforms.Torch.Modules;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

internal sealed class HeldBatchNorm2dSampler(HeldBatchNorm2d layer) : BatchNormSampler<HeldBatchNorm2d>(layer);
