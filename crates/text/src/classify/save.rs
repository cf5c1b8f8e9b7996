//! A model as bytes: a mark with the version, the parts in their order, numbers little-endian, and the SM3 of all of it at the end.

use sm3::{Digest, Sm3};

use super::{BLOCKS, LANES, Model, Stack, Steps, Weights, grams::numbered};

/// What a file begins with; the last byte is the version.
const MARK: [u8; 8] = *b"jsmodel\x01";
const DIGEST: usize = 32;

/// These bytes are no model.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum ModelError {
    #[error("这不是分类模型文件")]
    NotAModel,
    #[error("模型文件的版本是{0}，本程序只认识版本{known}；请用本程序重新学习", known = MARK[7])]
    Version(u8),
    #[error("模型文件已损坏（校验不符）；请重新学习或换一份完好的文件")]
    Damaged,
}

impl Model {
    /// The model as it is kept. The same model gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MARK.to_vec();
        let number = |out: &mut Vec<u8>, n: usize| out.extend((n as u32).to_le_bytes());
        number(&mut out, self.labels.len());
        for label in &self.labels {
            number(&mut out, label.len());
            out.extend(label.as_bytes());
        }
        let mut keys: Vec<u64> = self.grams.keys().copied().collect();
        keys.sort_unstable();
        number(&mut out, keys.len());
        keys.iter().for_each(|key| out.extend(key.to_le_bytes()));
        for weights in &self.weights {
            out.extend(weights.weight.map(i8::cast_unsigned));
            out.extend(weights.ratio);
        }
        let steps = [self.steps.weight, self.steps.ratio];
        let numbers = self.rarity.iter().chain(&steps).chain(&self.biases).chain(&self.stack.weights);
        numbers.for_each(|n| out.extend(n.to_le_bytes()));
        let digest = Sm3::digest(&out);
        out.extend(digest);
        out
    }

    /// A model from what [`Model::to_bytes`] gave.
    ///
    /// # Errors
    /// Other bytes, another version, or any damage.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, ModelError> {
        if bytes.len() < MARK.len() + DIGEST || bytes[..7] != MARK[..7] {
            return Err(ModelError::NotAModel);
        }
        if bytes[7] != MARK[7] {
            return Err(ModelError::Version(bytes[7]));
        }
        let (whole, digest) = bytes.split_at(bytes.len() - DIGEST);
        if Sm3::digest(whole).as_slice() != digest {
            return Err(ModelError::Damaged);
        }
        read(&whole[MARK.len()..]).ok_or(ModelError::Damaged)
    }
}

fn read(bytes: &[u8]) -> Option<Model> {
    let mut rest = Rest(bytes);
    let labels = rest.number()?;
    let label = |rest: &mut Rest<'_>| {
        let length = rest.number()?;
        String::from_utf8(rest.take(length)?.to_vec()).ok()
    };
    let labels: Vec<String> = (0..labels).map(|_| label(&mut rest)).collect::<Option<_>>()?;
    let size = rest.number()?;
    let keys = rest.take(size.checked_mul(8)?)?.as_chunks().0;
    let grams = numbered(keys.iter().copied().map(u64::from_le_bytes).collect());
    let features = size * BLOCKS;
    let weights = rest.take(features.checked_mul(labels.len().div_ceil(LANES) * LANES * 2)?)?;
    let weights = weights.as_chunks::<LANES>().0.as_chunks::<2>().0;
    let weights = weights.iter().map(|[w, ratio]| Weights { weight: w.map(u8::cast_signed), ratio: *ratio }).collect();
    let rarity = rest.floats(features)?;
    let steps = Steps { weight: rest.floats(1)?[0], ratio: rest.floats(1)?[0] };
    let biases = rest.floats(labels.len())?;
    let stack = Stack { weights: rest.floats(labels.len() * (labels.len() + 1))?, labels: labels.len() };
    let is_whole = rest.0.is_empty() && labels.len() > 1 && grams.len() == size;
    is_whole.then_some(Model { labels, grams, rarity, weights, steps, biases, stack })
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?) as usize)
    }

    fn floats(&mut self, count: usize) -> Option<Vec<f32>> {
        let bytes = self.take(count.checked_mul(4)?)?.as_chunks().0;
        Some(bytes.iter().copied().map(f32::from_le_bytes).collect())
    }
}
